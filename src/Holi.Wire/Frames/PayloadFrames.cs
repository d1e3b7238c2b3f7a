using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Holi.Wire.Payloads;

namespace Holi.Wire.Frames;

/// <summary>What the frames have in common whose body is MessagePack: Hello, Welcome, Token, Topic, Roster.</summary>
internal static class PayloadFrames
{
    /// <summary>The last call of a TryRead: whatever was wrong inside the payload, the code is 4406 (holi.v1.md §3.1).</summary>
    public static bool Finish<T>(
        this ref PayloadReader reader, string section, T read, [NotNullWhen(true)] out T? frame, out Violation violation)
        where T : class
    {
        violation = reader.IsValid ? default : new(HoliCode.BadPayload, section);
        frame = reader.IsValid ? read : null;
        return reader.IsValid;
    }

    public static TimeSpan Milliseconds(this ref PayloadReader reader) => TimeSpan.FromMilliseconds(reader.Number32());

    public static long Credit(this ref PayloadReader reader) => reader.Whole(0, WireLimits.CreditBytesMax);

    public static CommandDigest Digest(this ref PayloadReader reader)
    {
        var bytes = reader.Binary(CommandDigest.Bytes, CommandDigest.Bytes);
        Span<byte> digest = stackalloc byte[CommandDigest.Bytes];
        bytes.CopyTo(digest);
        return CommandDigest.FromBytes(digest);
    }

    /// <summary>
    /// Writes a frame whose body is one payload. Such frames are rare (a few for each connection), so the payload is first
    /// written aside: its length stands in front of it.
    /// </summary>
    public static void Write(IBufferWriter<byte> output, FrameKind kind, ArrayBufferWriter<byte> payload)
    {
        var bytes = new ReadOnlySequence<byte>(payload.WrittenMemory);
        var fields = new FieldWriter(output, kind, bytes.Length);
        fields.Bytes(bytes);
        fields.End();
    }
}
