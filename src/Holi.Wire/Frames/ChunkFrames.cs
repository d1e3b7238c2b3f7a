using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>A piece of a recording (holi.v1.md §10.4).</summary>
/// <param name="Recording">The recording's number on this connection.</param>
/// <param name="Chunk">From 1, dense.</param>
/// <param name="Sample">The sample clock at the chunk's first sample.</param>
/// <param name="Bytes">Sound; a slice of the message.</param>
public readonly record struct ChunkFrame(uint Recording, ulong Chunk, ulong Sample, ReadOnlySequence<byte> Bytes)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out ChunkFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "10.4");
        frame = new(fields.Number(), fields.Varint(1, Varint.MaxValue), fields.Varint(), fields.Rest());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Recording) + FieldSize.Varint(Chunk) + FieldSize.Varint(Sample) + Bytes.Length;
        var fields = new FieldWriter(output, FrameKind.Chunk, bodyBytes);
        fields.Varint(Recording);
        fields.Varint(Chunk);
        fields.Varint(Sample);
        fields.Bytes(Bytes);
        fields.End();
    }
}

/// <summary>Stands in a chunk's place where the device itself lost it (holi.v1.md §10.4).</summary>
/// <param name="Recording">The recording's number on this connection.</param>
/// <param name="Chunk">The lost chunk's number.</param>
/// <param name="FromSample">The first sample that is missing.</param>
/// <param name="ToSample">The first sample after the gap.</param>
public readonly record struct RecordingGapFrame(uint Recording, ulong Chunk, ulong FromSample, ulong ToSample)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out RecordingGapFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "10.4");
        var recording = fields.Number();
        var chunk = fields.Varint(1, Varint.MaxValue);
        var from = fields.Varint();
        frame = new(recording, chunk, from, fields.Varint(from, Varint.MaxValue));
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Recording) + FieldSize.Varint(Chunk) + FieldSize.Varint(FromSample) + FieldSize.Varint(ToSample);
        var fields = new FieldWriter(output, FrameKind.RecordingGap, bodyBytes);
        fields.Varint(Recording);
        fields.Varint(Chunk);
        fields.Varint(FromSample);
        fields.Varint(ToSample);
        fields.End();
    }
}

/// <summary>How many chunks a recording has (holi.v1.md §10.4).</summary>
public readonly record struct RecordingEndFrame(uint Recording, ulong Chunks)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out RecordingEndFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "10.4");
        frame = new(fields.Number(), fields.Varint());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.RecordingEnd, FieldSize.Varint(Recording) + FieldSize.Varint(Chunks));
        fields.Varint(Recording);
        fields.Varint(Chunks);
        fields.End();
    }
}
