using System.Text;
using Holi.Load.Reports;

namespace Holi.Bench.Tests.Crank;

/// <summary>An agent keeps one log of a job's output and errors, and cuts the block out of it by its lines.</summary>
public sealed class ReportTests
{
    [Fact]
    public void A_block_is_one_write_however_long_it_is()
    {
        var report = new Report("latency");
        for (var i = 0; i < 50; i++)
            report.Add($"figure{i}Ms", i + 0.5, "one of many, so that no buffer of a console holds all of them");
        using var output = new Writes();

        report.Print(TimeProvider.System.GetUtcNow(), output);

        var block = output.Texts.Where(t => t.Contains("JobStatistics", StringComparison.Ordinal)).ShouldHaveSingleItem();
        block.ShouldStartWith("#StartJobStatistics\n");
        block.ShouldEndWith("\n#EndJobStatistics\n");
        var figures = JobStatistics.Aggregated(JobStatistics.Blocks(block.Split('\n')));
        figures.Count.ShouldBe(50);
        figures["holi/latency/figure7ms"].ShouldBe(7.5);
        output.Texts[^1].ShouldStartWith("{\"scenario\":\"latency\"");
    }

    private sealed class Writes : MemoryStream
    {
        public List<string> Texts { get; } = [];

        public override void Write(ReadOnlySpan<byte> buffer) => Texts.Add(Encoding.UTF8.GetString(buffer));

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
