using Holi.Peers;
using Holi.Peers.Measures;
using Holi.Peers.Reports;
using Checkout = Holi.Peers.Servers.Checkout;

namespace Holi.EndToEnd.Measures;

/// <summary>bench/compare.sh, with sizes that show whether every peer can still be measured, and measure nothing. What is not installed is skipped.</summary>
public sealed class ComparisonTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // The native build is tried by its own tests.
    public static TheoryData<string> Names => [.. PeerTable.All.Select(peer => peer.Name).Where(name => name != "holi-native")];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_peer_that_is_installed_can_be_measured(string name)
    {
        var peer = PeerTable.All.Single(peer => peer.Name == name);
        Assert.SkipWhen(peer.Missing() is not null, peer.Missing() ?? "");
        // Measures with a server of their own cost a start each, and are the same for all: one peer will do.
        var measures = Measure.All.Where(measure => name == "raw" || measure.On is OnServer.Shared or OnServer.SharedLast).ToArray();

        var column = (await new Comparison([peer], measures, 1, Sizes.Tiny, TimeProvider.System, _ => { }).RunAsync(Cancel)).ShouldHaveSingleItem();

        column.Failed.ShouldBeFalse(string.Join("\n", column.Notes));
        foreach (var measure in measures.Where(measure => !peer.LeftOut.ContainsKey(measure.Name) && (measure.Name != "down" || peer.Queues)))
            column.Values.Keys.ShouldContain(key => key.StartsWith(measure.Name + ".", StringComparison.Ordinal), string.Join("\n", column.Notes));
        // What a peer does to its promise is printed, and tested only for ours (D, O, E): nothing lost, nothing twice, nothing out of order.
        if (peer.IsHoli)
            MarkdownReport.Survival(column).ShouldBe("yes: 0 lost, 0 twice, 0 out of order");
    }

    [Fact]
    public void The_table_the_chart_and_the_figures_say_what_is_missing_and_which_target_was_missed()
    {
        var missing = new Column(PeerTable.All[0]) { Missing = "it is not installed" };
        var (near, far) = (Measured("holi", "up", 42), Measured("holi-postgres", "up", 250));

        var table = MarkdownReport.Write([missing, near, far], Here);
        table.ShouldContain("could not be measured: it is not installed");
        table.ShouldContain("| ≤ 100 | 42, reached | 250, missed: 2.5 × the target |");
        JsonReport.Write([missing, near, far], Here).ShouldContain("\"missing\": \"it is not installed\"");
        SvgChart.Draw([missing, near, far], Here.Machine).ShouldContain(">42<");
    }

    [Fact]
    public void A_comparison_can_be_made_in_pieces()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, JsonReport.Write([Measured("raw", "up", 30), Measured("holi", "up", 40)], Here));
        var earlier = EarlierRun.Read(file, Here.Machine);
        Should.Throw<IOException>(() => EarlierRun.Read(file, Here.Machine with { Processor = "another" })).Message.ShouldContain("another machine");
        File.Delete(file);

        var both = earlier.With([Measured("holi", "up", 60), Measured("nats", "up", 20)]);

        both.Select(column => column.Peer.Name).ShouldBe(["raw", "nats", "holi"]);
        both[^1].Spread("up.ms").ShouldBe((50, 40, 60));
        EarlierRun.Read(file, Here.Machine).ShouldBe(EarlierRun.Nothing);
    }

    [Fact]
    public void The_projects_readme_keeps_a_place_for_chart_and_table()
    {
        var readme = File.ReadAllText(Path.Combine(Checkout.Folder, "README.md"));

        var written = ReadmeSection.Put(readme, [Measured("raw", "up", 30), Measured("holi", "up", 250)], Here, "bench/peers/results");

        written.ShouldContain("](bench/peers/results/peers.svg)");
        written.ShouldContain("| **Holi, embedded** | **yes** |");
        written.ShouldContain("250 **!**");
        ReadmeSection.Put(written, [Measured("raw", "up", 30), Measured("holi", "up", 250)], Here, "bench/peers/results").ShouldBe(written);
        Should.Throw<IOException>(() => ReadmeSection.Put("# Another", [], Here, "")).Message.ShouldContain("keeps no place");
    }

    private static Run Here => new(new Machine("a processor", 2, 8, "a system", ".NET", 0.1, DateTimeOffset.UnixEpoch), 1, 1);

    private static Column Measured(string peer, string measure, double milliseconds)
    {
        var (column, figures) = (new Column(PeerTable.All.Single(one => one.Name == peer)), new Figures());
        figures.Add("ms", milliseconds);
        column.Add(Measure.All.Single(one => one.Name == measure), figures);
        return column;
    }
}
