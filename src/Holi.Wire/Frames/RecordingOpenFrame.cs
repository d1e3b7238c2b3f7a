using System.Buffers;
using System.Text;

namespace Holi.Wire.Frames;

/// <summary>How a recording's chunks hold sound. A gateway refuses one that it does not know by RecordingState.</summary>
public enum AudioCodec : byte
{
    /// <summary>Opus packets.</summary>
    Opus = 1,
    /// <summary>Signed 16-bit samples, little-endian.</summary>
    Pcm16 = 2,
}

/// <summary>Opens a recording, or resumes it (holi.v1.md §10.4).</summary>
/// <param name="Recording">The device's number for it on this connection.</param>
/// <param name="Id">UTF-8, 1 to <see cref="WireLimits.IdCharsMax"/> bytes; a slice of the message.</param>
/// <param name="TopicName">UTF-8; a slice of the message.</param>
/// <param name="Codec">How the chunks hold sound.</param>
/// <param name="SampleRate">Samples a second.</param>
/// <param name="Channels">How many.</param>
public readonly record struct RecordingOpenFrame(
    uint Recording, ReadOnlySequence<byte> Id, ReadOnlySequence<byte> TopicName, AudioCodec Codec, uint SampleRate, byte Channels)
{
    /// <summary><see cref="Id"/> as a new string.</summary>
    public string IdText => Encoding.UTF8.GetString(Id);

    /// <summary><see cref="TopicName"/> as a new string.</summary>
    public string TopicNameText => Encoding.UTF8.GetString(TopicName);

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out RecordingOpenFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "10.4");
        frame = new(
            fields.Number(), fields.Text(WireLimits.IdCharsMax, bytesMin: 1), fields.Text(WireLimits.TopicNameBytesMax),
            (AudioCodec)fields.U8(), fields.Number(), fields.U8());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Recording) + FieldSize.Text(Id) + FieldSize.Text(TopicName)
            + 1 + FieldSize.Varint(SampleRate) + 1;
        var fields = new FieldWriter(output, FrameKind.RecordingOpen, bodyBytes);
        fields.Varint(Recording);
        fields.Text(Id);
        fields.Text(TopicName);
        fields.U8((byte)Codec);
        fields.Varint(SampleRate);
        fields.U8(Channels);
        fields.End();
    }
}
