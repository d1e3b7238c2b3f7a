using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>A topic as this device holds it.</summary>
/// <param name="Cursor">Everything through here is stored or skipped.</param>
/// <param name="Gone">The user no longer belongs to it.</param>
public sealed record ReplicaTopic(
    string Name, ulong Epoch, ulong Cursor, ulong Head, ulong First, ulong Read, MemberRole Role, uint Member, string? Title, int Members,
    ulong CompleteThrough, long CompleteAtMs, bool Gone);
