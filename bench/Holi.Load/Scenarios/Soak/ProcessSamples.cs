using Holi.Load.Gateways;
using Holi.Load.Reports;

namespace Holi.Load.Scenarios.Soak;

/// <summary>What the gateways hold, sampled: the medians of the first and last quarters, and the slope of the line that fits all samples best (least squares).</summary>
internal sealed class ProcessSamples(IReadOnlyList<GatewayProcess> nodes, TimeSpan warmUp, TimeSpan duration, TimeProvider time)
{
    private const int SamplesMost = 200;
    private static readonly TimeSpan IntervalLeast = TimeSpan.FromMilliseconds(250);

    private readonly List<Sample> _samples = [];

    private sealed record Sample(double Minutes, double Rss, double Heap, double Handles, double Threads);

    public async Task RunAsync(CancellationToken stop)
    {
        var interval = duration / SamplesMost > IntervalLeast ? duration / SamplesMost : IntervalLeast;
        try
        {
            await Task.Delay(warmUp, time, stop);
            using var timer = new PeriodicTimer(interval, time);
            for (var start = time.GetTimestamp(); time.GetElapsedTime(start) < duration; await timer.WaitForNextTickAsync(stop))
                _samples.Add(await TakeAsync(time.GetElapsedTime(start), stop));
        }
        catch (OperationCanceledException)
        {
            // The measure is over.
        }
    }

    public Report AddTo(Report report)
    {
        report.Add("samples", _samples.Count, "of what the gateways hold, the warm-up left out");
        Add(report, "rssKb", sample => sample.Rss / 1024, "resident memory");
        Add(report, "heapKb", sample => sample.Heap / 1024, "managed heap, between collections");
        Add(report, "handles", sample => sample.Handles, "open files and sockets");
        return Add(report, "threads", sample => sample.Threads, "threads");
    }

    private Report Add(Report report, string name, Func<Sample, double> value, string description)
    {
        if (_samples.Count < 2)
            return report;
        var quarter = Math.Max(1, _samples.Count / 4);
        return report.Add($"{name}First", Median(_samples[..quarter]), $"{description}: median of the first quarter")
            .Add($"{name}Last", Median(_samples[^quarter..]), $"{description}: median of the last quarter")
            .Add($"{name}PerMinute", Slope(), $"{description}: slope of all samples");

        double Median(List<Sample> some)
        {
            var sorted = some.Select(value).Order().ToArray();
            return sorted[sorted.Length / 2];
        }

        double Slope()
        {
            var (meanX, meanY) = (_samples.Average(sample => sample.Minutes), _samples.Average(value));
            var spread = _samples.Sum(sample => (sample.Minutes - meanX) * (sample.Minutes - meanX));
            return spread == 0 ? 0 : _samples.Sum(sample => (sample.Minutes - meanX) * (value(sample) - meanY)) / spread;
        }
    }

    private async Task<Sample> TakeAsync(TimeSpan at, CancellationToken cancel)
    {
        var (rss, heap, handles, threads) = (0.0, 0.0, 0.0, 0.0);
        foreach (var node in nodes)
        {
            using var status = await node.StatusAsync(cancel);
            heap += status.RootElement.GetProperty("memory").GetProperty("heapBytes").GetInt64();
            rss += node.RssBytes;
            handles += node.Handles;
            threads += node.Threads;
        }
        return new Sample(at.TotalMinutes, rss, heap, handles, threads);
    }
}
