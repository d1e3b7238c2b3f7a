using HdrHistogram;

namespace Holi.Load.Reports;

/// <summary>Latencies of many threads in one HDR histogram: microseconds up to ten minutes, three significant digits.</summary>
internal sealed class Latencies
{
    private const long HighestMicroseconds = 600_000_000;

    private readonly LongConcurrentHistogram _histogram = new(1, HighestMicroseconds, 3);

    public long Count => _histogram.TotalCount;

    public void Record(TimeSpan latency) =>
        _histogram.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, HighestMicroseconds));

    public double Milliseconds(double percentile) => _histogram.GetValueAtPercentile(percentile) / 1000.0;

    public double MaxMilliseconds => Count == 0 ? 0 : _histogram.GetMaxValue() / 1000.0;

    /// <summary>p50, p99 and, where asked for, the far tail.</summary>
    public Report AddTo(Report report, bool tail)
    {
        report.Add("p50Ms", Milliseconds(50), "median").Add("p99Ms", Milliseconds(99), "99th percentile");
        return tail ? report.Add("p999Ms", Milliseconds(99.9), "99.9th percentile").Add("maxMs", MaxMilliseconds, "the longest") : report;
    }
}
