using Holi.Load.Reports;
using Holi.Peers.Devices;

namespace Holi.Peers.Measures;

/// <summary>
/// A device that was here before comes back, over and over: from opening the socket until it is in its room again and is sent what is said there, with
/// whatever the peer asks for on the way (token, cursors, negotiation, subscription). A few at once.
/// </summary>
internal static class ConnectMeasure
{
    private const int AtOnce = 4;

    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var sizes = bench.Sizes;
        var devices = (await bench.OpenAsync(sizes.ConnectDevices / 2, 2, cancel)).SelectMany(room => room).ToArray();
        await ComeBackAsync(devices, sizes.ConnectWarmUp, new Latencies(), bench.Time, cancel);
        var latencies = new Latencies();
        var cpu = bench.Cpu();
        await ComeBackAsync(devices, sizes.Connects, latencies, bench.Time, cancel);
        var spent = bench.CpuSince(cpu);
        await Bench.CloseAsync(devices);

        var figures = new Figures();
        figures.AddCpu("cpuMs", spent, 1e3 / latencies.Count);
        figures.Add("p50Ms", latencies.Milliseconds(50));
        figures.Add("p99Ms", latencies.Milliseconds(99));
        return figures;
    }

    // Each of them has devices of its own, so that none is connected twice.
    private static Task ComeBackAsync(Device[] devices, int times, Latencies latencies, TimeProvider time, CancellationToken cancel) =>
        Task.WhenAll(devices.Chunk(devices.Length / AtOnce).Select(own => Task.Run(
            async () =>
            {
                for (var n = 0; n < times / AtOnce; n++)
                {
                    var device = own[n % own.Length];
                    await device.CutAsync();
                    var start = time.GetTimestamp();
                    await device.ConnectAsync(cancel);
                    latencies.Record(time.GetElapsedTime(start));
                }
            },
            cancel)));
}
