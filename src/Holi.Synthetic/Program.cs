// Makes synthetic consultations: people who do not exist, what happens to them, what is said about it, and the note. Each command has a file in Commands/.

using System.CommandLine;
using Holi.Synthetic.Commands;

var root = new RootCommand("Makes synthetic consultations in English, Spanish and Portuguese, checks them, and exports them.")
{
    GenerateCommand.Build(TimeProvider.System),
    CheckCommand.Build(TimeProvider.System),
    ExportCommand.Build(),
    ReportCommand.Build(),
};
return await root.Parse(args).InvokeAsync();
