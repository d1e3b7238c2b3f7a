namespace Holi.Gateway.Connections;

/// <summary>Now, as passed into everything that decides: a monotonic time for deadlines, and the gateway's clock for what others read.</summary>
/// <param name="Since">Since any fixed moment.</param>
/// <param name="UnixMs">ms since 1970.</param>
public readonly record struct Instant(TimeSpan Since, long UnixMs);
