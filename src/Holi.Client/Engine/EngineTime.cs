namespace Holi.Client.Engine;

/// <summary>The time of one input. The engine has no clock: it believes what it is told.</summary>
/// <param name="Now">Since any fixed moment, monotonic: all waiting is measured with it.</param>
/// <param name="UnixMs">The device's own idea of the date. Only ever written down, never decided upon.</param>
internal readonly record struct EngineTime(TimeSpan Now, long UnixMs);
