// Makes synthetic consultations: people who do not exist, what happens to them, what is said about it, and the note. Each command has a file in Commands/.

using System.CommandLine;
using System.Data.Common;
using System.Text.Json;
using Holi.Synthetic.Commands;

var root = new RootCommand("Makes synthetic consultations in English, Spanish and Portuguese, checks them, and exports them.")
{
    GenerateCommand.Build(TimeProvider.System),
    CheckCommand.Build(TimeProvider.System),
    ExportCommand.Build(),
    ReportCommand.Build(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("Stopped. What was written stays; run it again to go on.");
    return 130;
}
catch (JsonException problem)
{
    Console.Error.WriteLine($"A row of synthetic_data is not of this generator's: {problem.Message}");
    return 1;
}
catch (Exception problem) when (problem is DbException or IOException or UnauthorizedAccessException or ArgumentException)
{
    // What a person can mend: a server that is not there, a folder that may not be written, a setting that makes no sense.
    Console.Error.WriteLine(problem.InnerException is { } cause ? $"{problem.Message} {cause.Message}" : problem.Message);
    return 1;
}
