namespace Holi.Wire.Frames;

/// <summary>What a kind's number says by itself (holi.v1.md §4).</summary>
public static class FrameKinds
{
    /// <summary>True for the kinds of the table of §4.</summary>
    public static bool IsKnown(FrameKind kind) => kind
        is >= FrameKind.Hello and <= FrameKind.Error
        or >= FrameKind.Command and <= FrameKind.Snapshot
        or >= FrameKind.RecordingOpen and <= FrameKind.RecordingGap
        or >= FrameKind.Signal and <= FrameKind.DeviceState;

    /// <summary>True where a receiver that does not know the kind skips the frame (bit 7).</summary>
    public static bool IsOptional(FrameKind kind) => ((byte)kind & 0x80) != 0;
}
