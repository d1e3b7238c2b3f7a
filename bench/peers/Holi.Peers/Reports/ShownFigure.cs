using System.Globalization;

namespace Holi.Peers.Reports;

/// <summary>A figure as readers see it: its title, and how its number is written. Less is better in all of them, unless it says otherwise.</summary>
/// <param name="Key">The figure's name, with its measure's before it.</param>
/// <param name="Title">What it is, with its unit.</param>
internal sealed record ShownFigure(string Key, string Title)
{
    /// <summary>It has a panel of its own in the chart.</summary>
    public bool IsDrawn { get; init; }

    /// <summary>What Holi is to stay below, or at; null where nothing was set.</summary>
    public Target? Target { get; init; }

    public static IReadOnlyList<ShownFigure> All { get; } =
    [
        new("fanout.cpuSecondsPerMillion", "fan-out: server CPU s per 1M deliveries") { IsDrawn = true, Target = new(2.0) { OnPostgres = 1.2 } },
        new("fanout.deliveriesPerSecond", "fan-out: deliveries/s (more is better)"),
        new("pairs.cpuMicrosecondsPerMessage", "1:1 at 2,000/s: server CPU µs per message") { IsDrawn = true, Target = new(60) },
        new("pairs-spinless.cpuMicrosecondsPerMessage", "the same without thread-pool spinning"),
        new("pairs.p50Ms", "1:1 at 2,000/s: p50 ms"),
        new("pairs.p99Ms", "1:1 at 2,000/s: p99 ms"),
        new("pairs.p999Ms", "1:1 at 2,000/s: p99.9 ms") { IsDrawn = true },
        new("idle.rssKbPerConnection", "idle: RSS kB per connection") { IsDrawn = true, Target = new(6) },
        new("bytes.up", "bytes over a 128 B text: up (a WebSocket's own: 8)") { Target = new(12) },
        new("bytes.down", "bytes over a 128 B text: down (a WebSocket's own: 4)") { Target = new(16) },
        new("bytes.backToSender", "bytes back to the sender"),
        new("bytes.backFromReceiver", "bytes back from the receiver"),
        new("connect.cpuMs", "connect: server CPU ms") { IsDrawn = true, Target = new(0.20) },
        new("connect.p99Ms", "connect: p99 ms"),
        new("down.ms", "10,000 queued, reconnect → all in order, ms") { IsDrawn = true, Target = new(50) },
        new("up.ms", "10,000 pipelined, all acknowledged, ms") { IsDrawn = true, Target = new(100) },
        new("kill.lost", "kill -9 of the server: acknowledged texts lost") { IsDrawn = true, Target = new(0) },
    ];

    /// <summary>Three significant digits, and no more behind the point than that.</summary>
    public static string Number(double value)
    {
        var size = Math.Abs(value);
        return size switch
        {
            >= 1_000 => Math.Round(value / 10) is var tens && size < 10_000 ? (tens * 10).ToString("N0", CultureInfo.InvariantCulture) : (Math.Round(value / 1_000) * 1_000).ToString("N0", CultureInfo.InvariantCulture),
            >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
            >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
            _ => value.ToString("0.##", CultureInfo.InvariantCulture),
        };
    }
}
