using Holi.Load.Reports;

namespace Holi.Peers.Measures;

/// <summary>
/// One to one at a steady rate, whether or not earlier texts have arrived: latency from when a text was due until the other side has read it, and the
/// processor time that each costs.
/// </summary>
internal static class PairsMeasure
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var sizes = bench.Sizes;
        var pairs = await bench.OpenAsync(sizes.Pairs, 2, cancel);
        var devices = pairs.SelectMany(pair => pair).ToArray();
        var warm = (int)(sizes.PairsRate * sizes.PairsWarmUp.TotalSeconds);
        var total = warm + (int)(sizes.PairsRate * sizes.PairsTime.TotalSeconds);
        var loop = new Pacer(sizes.PairsRate, bench.Time);
        var latencies = new Latencies();
        var arrived = 0L;
        foreach (var pair in pairs)
        {
            pair[1].OnText = (_, text) =>
            {
                var number = Texts.NumberOf(text);
                if (number >= warm)
                    latencies.Record(loop.Since(number));
                Interlocked.Increment(ref arrived);
            };
        }

        var speaking = loop.RunAsync(total, number => pairs[number % pairs.Length][0].Send(Texts.Make(number)), cancel);
        await bench.CountsAsync(() => Interlocked.Read(ref arrived), warm, Patience, devices, cancel);
        var (cpu, before) = (bench.Cpu(), Interlocked.Read(ref arrived));
        await speaking;
        var spent = bench.CpuSince(cpu);
        var passed = Interlocked.Read(ref arrived) - before;
        await bench.CountsAsync(() => Interlocked.Read(ref arrived), total, Patience, devices, cancel);
        await Bench.CloseAsync(devices);

        var figures = new Figures();
        figures.AddCpu("cpuMicrosecondsPerMessage", spent, 1e6 / passed);
        figures.Add("p50Ms", latencies.Milliseconds(50));
        figures.Add("p99Ms", latencies.Milliseconds(99));
        figures.Add("p999Ms", latencies.Milliseconds(99.9));
        if (total - arrived is var missing and > 0)
            figures.Note($"1:1: {missing} messages did not arrive");
        return figures;
    }
}
