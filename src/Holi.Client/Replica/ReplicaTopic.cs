using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>A topic as this device holds it.</summary>
/// <param name="Name">As in §8: <c>conversation/…</c>.</param>
/// <param name="Epoch">The history that the offsets belong to; 0 where nothing is held.</param>
/// <param name="Cursor">Everything through here is stored or skipped.</param>
/// <param name="Head">The last offset there is.</param>
/// <param name="First">The first offset this user may see.</param>
/// <param name="Read">The user's read position.</param>
/// <param name="Role">The user's role in it.</param>
/// <param name="Member">The user's member number in it.</param>
/// <param name="Title">Null where it has none.</param>
/// <param name="Members">How many members it has.</param>
/// <param name="CompleteThrough">It was complete through here…</param>
/// <param name="CompleteAtMs">…as of this time (§8.5).</param>
/// <param name="Gone">The user no longer belongs to it.</param>
public sealed record ReplicaTopic(
    string Name, ulong Epoch, ulong Cursor, ulong Head, ulong First, ulong Read, MemberRole Role, uint Member, string? Title, int Members,
    ulong CompleteThrough, long CompleteAtMs, bool Gone);
