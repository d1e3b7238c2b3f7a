namespace Holi.Peers.Measures;

/// <summary>
/// What every fresh server goes through before figures are taken of it: rooms at full speed, pairs, and everybody comes back once. A .NET program compiles
/// its busy methods twice more in the background, and needs five seconds at full speed until that is done (tried second by second: Holi falls from 4.1
/// to 2.0 s of processor time for a million deliveries, SignalR from 2.4 to 1.1, plain Kestrel from 2.2 to 1.2; a native program does not change).
/// </summary>
internal static class WarmUp
{
    private const int AtOnce = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Bench bench, CancellationToken cancel)
    {
        var sizes = bench.Sizes;
        // What it finds is of no interest.
        await FanoutMeasure.RunAsync(bench.With(sizes with { FanoutWarmUp = TimeSpan.Zero, FanoutTime = sizes.WarmUp }), cancel);

        var pairs = await bench.OpenAsync(sizes.Pairs, 2, cancel);
        var devices = pairs.SelectMany(pair => pair).ToArray();
        var heard = 0L;
        foreach (var device in devices)
            device.OnText = (_, _) => Interlocked.Increment(ref heard);
        var count = (int)(sizes.PairsRate * sizes.PairsWarmUp.TotalSeconds);
        await new Pacer(sizes.PairsRate, bench.Time).RunAsync(count, number => pairs[number % pairs.Length][0].Send(Texts.Make(number)), cancel);
        await bench.CountsAsync(() => Interlocked.Read(ref heard), count, Patience, devices, cancel);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(devices, options, async (device, stop) => await device.ConnectAsync(stop));
        await Bench.CloseAsync(devices);
    }
}
