namespace Holi.Wire.Lanes;

/// <summary>Several lanes as a bit set: a frame kind may belong to more than one (its topic decides, holi.v1.md §5.1).</summary>
[Flags]
public enum LaneSet : byte
{
    /// <summary>No lane.</summary>
    None = 0,
    /// <summary><see cref="Lane.Control"/>.</summary>
    Control = 1 << Lane.Control,
    /// <summary><see cref="Lane.Urgent"/>.</summary>
    Urgent = 1 << Lane.Urgent,
    /// <summary><see cref="Lane.Interactive"/>.</summary>
    Interactive = 1 << Lane.Interactive,
    /// <summary><see cref="Lane.Audio"/>.</summary>
    Audio = 1 << Lane.Audio,
    /// <summary><see cref="Lane.Bulk"/>.</summary>
    Bulk = 1 << Lane.Bulk,
    /// <summary>"Its topic's": urgent for an alert topic, else bulk while catching up, interactive from Complete on.</summary>
    Topic = Urgent | Interactive | Bulk,
    /// <summary>The lanes under credit (§5.3).</summary>
    Credited = Audio | Bulk,
    /// <summary>Any lane whose frames may travel in parts (§5.2): control frames never do.</summary>
    Parted = Urgent | Interactive | Audio | Bulk,
}

/// <summary>Questions asked of lanes.</summary>
public static class LaneSets
{
    /// <summary>How many lanes there are.</summary>
    public const int Count = 5;

    /// <summary>Bytes of the largest frame or part that travels whole, header included: what an urgent frame waits for at most.</summary>
    public const int PieceBytesMax = 1 + 3 + WireLimits.PartBytesMax;

    /// <summary>What the largest frame costs in the smallest parts of a sender that paces (§5.4), their headers and lane bytes included.</summary>
    public const int FrameInPartsBytesMax = WireLimits.FrameBytesMax + (((WireLimits.FrameBytesMax - 1) / (LinkPace.PieceBytesLeast - 5) + 1) * 5);

    /// <summary>True where <paramref name="lane"/> is in <paramref name="set"/>; a number that is no lane is in none.</summary>
    public static bool Has(this LaneSet set, Lane lane) => lane <= Lane.Bulk && ((int)set & (1 << (int)lane)) != 0;

    /// <summary>True where every byte of the lane costs credit (§5.3).</summary>
    public static bool IsCredited(this Lane lane) => LaneSet.Credited.Has(lane);
}
