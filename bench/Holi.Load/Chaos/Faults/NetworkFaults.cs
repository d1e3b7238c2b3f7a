using System.Globalization;
using System.Net.WebSockets;
using Holi.Load.Devices;
using Holi.Load.Network;
using Holi.Servers;

namespace Holi.Load.Chaos.Faults;

/// <summary>Rows 7 to 10: between devices and gateways.</summary>
internal static class NetworkFaults
{
    private const int SlowBytesPerSecond = 8_000;
    private const int CutBytesMost = 4_000;
    private const int LostPercentLeast = 10, LostPercentMost = 30;
    private const int CrowdSize = 150;
    private static readonly TimeSpan SlowDelay = TimeSpan.FromMilliseconds(100);

    public static IEnumerable<Fault> Of(ChaosSite site, Random random)
    {
        for (var n = 0; n < site.Fronts.Count; n++)
        {
            var front = site.Fronts[n];
            var victim = $"network {n}";
            yield return Fault.Now("reset", victim, front.CutAll, () => { });
            yield return Fault.Now("half-open", victim, () => front.Swallowing = true, () => front.Swallowing = false);
            yield return Fault.Now("one-way", victim, () => front.SwallowingDown = true, () => front.SwallowingDown = false);
            yield return Fault.Now("one-way-up", victim, () => front.SwallowingUp = true, () => front.SwallowingUp = false);
            yield return Fault.Now("address", victim, front.ChangeAddress, () => { });
            yield return Fault.Now("slow", victim, () => (front.Delay, front.BytesPerSecond) = (SlowDelay, SlowBytesPerSecond), () => (front.Delay, front.BytesPerSecond) = (default, 0));
            yield return Fault.Now("cut", victim, () => Cut(front, random), () => front.CutAfter());
            yield return Fault.Now("mixed", victim, () => Mix(front, mixes: true), () => Mix(front, mixes: false));
            yield return Loss(victim, front, random);
        }
        yield return Storm(site);
    }

    // What is open now is cut, and what opens after it somewhere in its first bytes, in one direction or the other.
    private static void Cut(FaultProxy front, Random random)
    {
        var bytes = random.Next(1, CutBytesMost);
        if (random.Next(2) == 0)
            front.CutAfter(up: bytes);
        else
            front.CutAfter(down: bytes);
        front.CutAll();
    }

    // Connections are mixed from their first byte or never.
    private static void Mix(FaultProxy front, bool mixes)
    {
        front.Mixing = mixes;
        front.CutAll();
    }

    private static Fault Storm(ChaosSite site)
    {
        var crowd = new List<LightDevice>();
        return new Fault(
            "storm", "all connections",
            async cancel =>
            {
                foreach (var front in site.Fronts)
                    front.CutAll();
                crowd.AddRange(Enumerable.Range(0, CrowdSize).Select(n => new LightDevice($"stranger-{n}")));
                await Task.WhenAll(crowd.Select((device, n) => ComeAsync(site, device, n, cancel)));
            },
            async _ =>
            {
                foreach (var device in crowd)
                    await device.DisposeAsync();
                crowd.Clear();
            });
    }

    // Once, and in vain where something else is broken just then.
    private static async Task ComeAsync(ChaosSite site, LightDevice device, int number, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            await device.ConnectAsync(site.Endpoints[number % site.Endpoints.Count], site.Tokens.For(device.User), 0, [], patience.Token);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or InvalidOperationException)
        {
            // The storm was all that was wanted.
        }
    }

    // Packets to and from the port vanish in the kernel: a table of our own, removed again.
    private static Fault Loss(string victim, FaultProxy front, Random random)
    {
        var table = $"holi_chaos_{front.Port}";
        var missing = Environment.UserName != "root" ? "root" : !File.Exists("/usr/sbin/nft") ? "nft (Debian package nftables)" : null;
        return new Fault(
            "loss", victim,
            async cancel =>
            {
                var percent = random.Next(LostPercentLeast, LostPercentMost + 1).ToString(CultureInfo.InvariantCulture);
                await NftAsync($"add table inet {table}", cancel);
                await NftAsync($"add chain inet {table} in {{ type filter hook input priority 0 ; }}", cancel);
                await NftAsync($"add rule inet {table} in tcp dport {front.Port} numgen random mod 100 < {percent} drop", cancel);
                await NftAsync($"add rule inet {table} in tcp sport {front.Port} numgen random mod 100 < {percent} drop", cancel);
            },
            cancel => NftAsync($"delete table inet {table}", cancel))
        { Missing = missing, Outlasts = true };
    }

    private static Task NftAsync(string command, CancellationToken cancel) => ServerProcess.RunAsync("/usr/sbin/nft", command.Split(' '), cancel);
}
