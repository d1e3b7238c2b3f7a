using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Why events do not come.</summary>
public enum SkipReason : byte
{
    /// <summary>Not visible to this user.</summary>
    NotVisible = 0,
    /// <summary>Beyond the backlog that was asked for; History has it.</summary>
    BeyondBacklog = 1,
    /// <summary>Removed from the log.</summary>
    Removed = 2,
}

/// <summary>Nothing will come for the offsets up to and including <paramref name="Through"/> (holi.v1.md §8.3).</summary>
public readonly record struct SkipFrame(uint Topic, ulong Through, SkipReason Reason)
{
    /// <summary>Reads a body. An unknown reason reads as <see cref="SkipReason.NotVisible"/>.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out SkipFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.3");
        frame = new(fields.Number(), fields.Varint(), (SkipReason)fields.U8());
        if (frame.Reason > SkipReason.Removed)
            frame = frame with { Reason = SkipReason.NotVisible };
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Skip, FieldSize.Varint(Topic) + FieldSize.Varint(Through) + 1);
        fields.Varint(Topic);
        fields.Varint(Through);
        fields.U8((byte)Reason);
        fields.End();
    }
}
