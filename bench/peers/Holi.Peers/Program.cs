// The comparison: Holi beside its peers, on this machine. bench/compare.sh installs what is missing and runs this. Progress on standard error, the table
// on standard output; peers.json, peers.md and peers.svg in the folder that --out names.

using System.CommandLine;
using Holi.Peers;
using Holi.Peers.Measures;
using Holi.Peers.Reports;
using Holi.Peers.Servers;

var names = new Argument<string[]>("names") { Description = "Peers to measure; none: all. --list shows them.", Arity = ArgumentArity.ZeroOrMore };
var chosen = new Option<string?>("--measures") { Description = $"Measures, separated by commas; default: all of {string.Join(",", Measure.All.Select(measure => measure.Name))}." };
var rounds = new Option<int>("--rounds") { Description = "Rounds, each through all peers.", DefaultValueFactory = _ => 3 };
var folder = new Option<string>("--out") { Description = "Where the results go.", DefaultValueFactory = _ => Path.Combine("artifacts", "peers") };
var add = new Option<bool>("--add") { Description = "Adds to the figures that are in that folder, so that a comparison can be made in pieces." };
var readme = new Option<bool>("--readme") { Description = "Writes to bench/peers/results, and the short table into README.md." };
var tiny = new Option<bool>("--tiny") { Description = "Sizes that show whether everything works, and measure nothing." };
var list = new Option<bool>("--list") { Description = "Names the peers, and what of them is missing." };
var root = new RootCommand("Measures Holi beside its peers.") { names, chosen, rounds, folder, add, readme, tiny, list };
root.SetAction(async (parsed, cancel) =>
{
    if (parsed.GetValue(list))
    {
        foreach (var peer in PeerTable.All)
            Console.Out.WriteLine($"{peer.Name,-24} {peer.Title}{(peer.Missing() is { } missing ? $" ({missing})" : "")}");
        return 0;
    }
    var peers = Choose(PeerTable.All, peer => peer.Name, parsed.GetValue(names)!, "peer");
    var measures = Choose(Measure.All, measure => measure.Name, parsed.GetValue(chosen)?.Split(',') ?? [], "measure");
    if (peers is null || measures is null)
        return 2;
    var start = TimeProvider.System.GetTimestamp();
    var (times, sizes) = (Math.Max(1, parsed.GetValue(rounds)), parsed.GetValue(tiny) ? Sizes.Tiny : Sizes.Full);
    var machine = Machine.Here(TimeProvider.System);
    var target = Directory.CreateDirectory(parsed.GetValue(readme) ? Checkout.Results : parsed.GetValue(folder)!).FullName;
    IReadOnlyList<Column> columns;
    int pieces;
    try
    {
        var earlier = parsed.GetValue(add) ? EarlierRun.Read(Path.Combine(target, "peers.json"), machine) : EarlierRun.Nothing;
        columns = await new Comparison(peers, measures, times, sizes, TimeProvider.System, Console.Error.WriteLine).RunAsync(cancel);
        (columns, pieces) = (earlier.With(columns), earlier.Pieces + 1);
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("stopped; what was started is ended, and nothing was written");
        return 130;
    }
    catch (IOException wrong)
    {
        Console.Error.WriteLine(wrong.Message);
        return 2;
    }

    var run = new Run(machine, columns.Max(column => column.Rounds), pieces);
    var table = MarkdownReport.Write(columns, run);
    await File.WriteAllTextAsync(Path.Combine(target, "peers.json"), JsonReport.Write(columns, run), cancel);
    await File.WriteAllTextAsync(Path.Combine(target, "peers.md"), table, cancel);
    await File.WriteAllTextAsync(Path.Combine(target, "peers.svg"), SvgChart.Draw(columns, machine), cancel);
    if (parsed.GetValue(readme))
    {
        var file = Path.Combine(Checkout.Folder, "README.md");
        var folderInReadme = Path.GetRelativePath(Checkout.Folder, target);
        await File.WriteAllTextAsync(file, ReadmeSection.Put(await File.ReadAllTextAsync(file, cancel), columns, run, folderInReadme), cancel);
    }
    Console.Out.Write(table);
    Console.Error.WriteLine($"peers.json, peers.md and peers.svg are in {target}; it took {TimeProvider.System.GetElapsedTime(start):mm\\:ss}");
    // A peer that cannot be had is no failure of the comparison; one that was there and failed is.
    return columns.Any(column => column.Failed) ? 1 : 0;
});
// A run that is ended from outside has servers to end first.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });

static IReadOnlyList<T>? Choose<T>(IReadOnlyList<T> all, Func<T, string> nameOf, string[] names, string kind)
{
    if (names.FirstOrDefault(name => !all.Any(one => nameOf(one) == name)) is not { } unknown)
        return names.Length == 0 ? all : [.. all.Where(one => names.Contains(nameOf(one)))];
    Console.Error.WriteLine($"There is no {kind} called {unknown}. There are: {string.Join(", ", all.Select(nameOf))}.");
    return null;
}
