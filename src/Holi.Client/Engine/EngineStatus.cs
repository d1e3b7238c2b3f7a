using Holi.Wire;

namespace Holi.Client.Engine;

/// <summary>The engine's state in short.</summary>
/// <param name="State">Where the device is with its connection.</param>
/// <param name="QueuedCommands">Commands not known to be committed.</param>
/// <param name="QueuedBytes">Their payload bytes.</param>
/// <param name="LastCode">What went wrong last, until the next connection is ready.</param>
/// <param name="LastWords">The same in words.</param>
/// <param name="NextRetryAt">While waiting: when the next attempt is made.</param>
/// <param name="Since">When <paramref name="State"/> began.</param>
internal sealed record EngineStatus(
    ConnectionState State, long QueuedCommands, long QueuedBytes, HoliCode LastCode, string? LastWords, TimeSpan? NextRetryAt, TimeSpan Since);
