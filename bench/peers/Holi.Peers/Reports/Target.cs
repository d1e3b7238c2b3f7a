using System.Globalization;

namespace Holi.Peers.Reports;

/// <summary>What Holi set out to reach with every text on disk, from the project's design. Printed beside what was measured, reached or not.</summary>
/// <param name="Embedded">For a gateway whose log is its own.</param>
internal sealed record Target(double Embedded)
{
    /// <summary>For gateways on PostgreSQL, where that is another.</summary>
    public double? OnPostgres { get; init; }

    public double For(Peer peer) => peer.IsOnPostgres ? OnPostgres ?? Embedded : Embedded;

    /// <summary>True where a peer of ours reached it, by the median.</summary>
    public bool IsReached(Peer peer, double median) => median <= For(peer);

    /// <summary>In words, beside a figure of ours.</summary>
    public string Verdict(Peer peer, double median)
    {
        var target = For(peer);
        if (median <= target)
            return "reached";
        return target > 0 ? string.Create(CultureInfo.InvariantCulture, $"missed: {median / target:0.0#} × the target") : "missed";
    }

    public override string ToString() => OnPostgres is { } other
        ? string.Create(CultureInfo.InvariantCulture, $"≤ {Embedded:0.0##}, on Postgres ≤ {other:0.0##}")
        : Embedded > 0 ? string.Create(CultureInfo.InvariantCulture, $"≤ {Embedded:0.###}") : "0";
}
