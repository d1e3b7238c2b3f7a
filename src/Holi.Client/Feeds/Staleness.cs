namespace Holi.Client;

/// <summary>How far what this device shows of a topic can be trusted (holi.v1.md §8.5).</summary>
public enum Freshness
{
    /// <summary>Never complete on this device: something may be missing in the middle.</summary>
    Gapped,
    /// <summary>Complete as of a time that is some while ago.</summary>
    Stale,
    /// <summary>Complete, and the gateway has said so within two heartbeats.</summary>
    Current,
}

/// <summary>A topic's freshness: "complete through … as of …".</summary>
/// <param name="Freshness">In one word.</param>
/// <param name="CompleteThrough">Everything through this offset is here; 0: nothing is known to be complete.</param>
/// <param name="AsOf">When that was so, by the gateway's clock; null: never.</param>
public sealed record Staleness(Freshness Freshness, ulong CompleteThrough, DateTimeOffset? AsOf);
