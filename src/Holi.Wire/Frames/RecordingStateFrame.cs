using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>Where a recording stands.</summary>
public enum RecordingStatus : byte
{
    /// <summary>Chunks may come.</summary>
    Open = 0,
    /// <summary>All chunks are stored.</summary>
    Ended = 1,
    /// <summary>Not taken; the code says why.</summary>
    Refused = 2,
}

/// <summary>How much of a recording is on disk (holi.v1.md §10.4).</summary>
/// <param name="Recording">The device's number for it.</param>
/// <param name="Stored">Chunks through this one are on disk.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Code">Why it was refused; else <see cref="HoliCode.None"/>.</param>
public readonly record struct RecordingStateFrame(uint Recording, ulong Stored, RecordingStatus State, HoliCode Code)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out RecordingStateFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "10.4");
        frame = new(
            fields.Number(), fields.Varint(), (RecordingStatus)fields.Choice((byte)RecordingStatus.Refused), fields.Code());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Recording) + FieldSize.Varint(Stored) + 1 + FieldSize.Code(Code);
        var fields = new FieldWriter(output, FrameKind.RecordingState, bodyBytes);
        fields.Varint(Recording);
        fields.Varint(Stored);
        fields.U8((byte)State);
        fields.Code(Code);
        fields.End();
    }
}
