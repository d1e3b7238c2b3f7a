using Holi.Load.Network;
using Holi.Servers;

namespace Holi.Load.Chaos.Faults;

/// <summary>Rows 7 to 10: between devices and gateways.</summary>
internal static class NetworkFaults
{
    private const int SlowBytesPerSecond = 8_000;
    private const int CutBytesMost = 4_000;
    private const int LostPercent = 20;
    private static readonly TimeSpan SlowDelay = TimeSpan.FromMilliseconds(100);

    public static IEnumerable<Fault> Of(ChaosSite site, Random random)
    {
        for (var n = 0; n < site.Fronts.Count; n++)
        {
            var front = site.Fronts[n];
            var victim = $"network {n}";
            yield return Proxy("reset", 7, victim, front.CutAll, () => { });
            yield return Proxy("half-open", 7, victim, () => front.Swallowing = true, () => front.Swallowing = false);
            yield return Proxy("one-way", 7, victim, () => front.SwallowingDown = true, () => front.SwallowingDown = false);
            yield return Proxy("slow", 8, victim, () => (front.Delay, front.BytesPerSecond) = (SlowDelay, SlowBytesPerSecond), () => (front.Delay, front.BytesPerSecond) = (default, 0));
            yield return Proxy("cut", 9, victim, () => Cut(front, random), () => front.CutAfter());
            yield return Loss(victim, front);
        }
        yield return Proxy("storm", 10, "all connections", () => CutAll(site), () => { });
    }

    private static Fault Proxy(string name, int row, string victim, Action strike, Action heal) => new(
        name, row, victim, _ => Done(strike), _ => Done(heal));

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
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

    private static void CutAll(ChaosSite site)
    {
        foreach (var front in site.Fronts)
            front.CutAll();
    }

    // One packet in five to and from the port vanishes in the kernel: a table of our own, removed again.
    private static Fault Loss(string victim, FaultProxy front)
    {
        var table = $"holi_chaos_{front.Port}";
        var missing = Environment.UserName != "root" ? "root" : !File.Exists("/usr/sbin/nft") ? "nft (Debian package nftables)" : null;
        return new Fault(
            "loss", 8, victim,
            async cancel =>
            {
                await NftAsync($"add table inet {table}", cancel);
                await NftAsync($"add chain inet {table} in {{ type filter hook input priority 0 ; }}", cancel);
                await NftAsync($"add rule inet {table} in tcp dport {front.Port} numgen random mod 100 < {LostPercent} drop", cancel);
                await NftAsync($"add rule inet {table} in tcp sport {front.Port} numgen random mod 100 < {LostPercent} drop", cancel);
            },
            cancel => NftAsync($"delete table inet {table}", cancel),
            missing);
    }

    private static Task NftAsync(string command, CancellationToken cancel) => ServerProcess.RunAsync("/usr/sbin/nft", command.Split(' '), cancel);
}
