using Holi.Peers;
using Holi.Peers.Measures;
using Holi.Peers.Reports;

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
    public void The_table_the_chart_and_the_figures_say_what_is_missing()
    {
        var missing = new Column(PeerTable.All[0]) { Missing = "it is not installed" };
        var measured = new Column(PeerTable.All.Single(peer => peer.Name == "holi"));
        var figures = new Figures();
        figures.Add("ms", 42);
        measured.Add(Measure.All.Single(measure => measure.Name == "up"), figures);
        var machine = new Machine("a processor", 2, 8, "a system", ".NET", DateTimeOffset.UnixEpoch);

        MarkdownReport.Write([missing, measured], machine, 1).ShouldContain("could not be measured: it is not installed");
        JsonReport.Write([missing, measured], machine, 1).ShouldContain("\"missing\": \"it is not installed\"");
        SvgChart.Draw([missing, measured], machine).ShouldContain(">42<");
    }
}
