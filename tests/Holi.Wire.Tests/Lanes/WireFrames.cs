using System.Buffers;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

/// <summary>Frames made and taken apart by hand, so that these tests do not lean on the codec they share a wire with.</summary>
internal static class WireFrames
{
    /// <summary>
    /// A whole frame with <paramref name="mark"/> and a pattern in its body, of so many bytes: or of one less, where no body has that
    /// size with its header (130 and 16,387).
    /// </summary>
    public static byte[] Frame(FrameKind kind, int bytes, int mark = 0)
    {
        var body = bytes - 2;
        while (1 + Varint.LengthOf((ulong)body) + body > bytes)
            body--;
        var frame = new byte[1 + Varint.LengthOf((ulong)body) + body];
        frame[0] = (byte)kind;
        var header = 1 + Varint.Write(frame.AsSpan(1), (ulong)body);
        for (var i = header; i < frame.Length; i++)
            frame[i] = (byte)((i * 31) + mark);
        return frame;
    }

    /// <summary>The frames of a message: kind, body, and the bytes they took.</summary>
    public static List<(FrameKind Kind, byte[] Body, byte[] Whole)> Read(ReadOnlyMemory<byte> message)
    {
        var frames = new List<(FrameKind, byte[], byte[])>();
        while (!message.IsEmpty)
        {
            var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(message));
            reader.TryRead(out var kind).ShouldBeTrue();
            Varint.TryRead(ref reader, out var length).ShouldBeTrue();
            var whole = message[..checked((int)(reader.Consumed + (long)length))];
            frames.Add(((FrameKind)kind, whole[(int)reader.Consumed..].ToArray(), whole.ToArray()));
            message = message[whole.Length..];
        }
        return frames;
    }

    /// <summary>One message of <paramref name="scheduler"/>, empty where nothing may be sent.</summary>
    public static ReadOnlyMemory<byte> Fill(this LaneScheduler scheduler, int bytesMax = WireLimits.MessageBytesMax)
    {
        var output = new ArrayBufferWriter<byte>();
        scheduler.TryFill(output, bytesMax).ShouldBe(output.WrittenCount > 0);
        return output.WrittenMemory;
    }

    /// <summary>A kind that the gateway sends in the lane, so that parts of it are in place.</summary>
    public static FrameKind KindOf(Lane lane) => lane switch
    {
        Lane.Control => FrameKind.Error,
        Lane.Urgent => FrameKind.Event,
        Lane.Interactive => FrameKind.Roster,
        Lane.Audio => FrameKind.Chunk,
        _ => FrameKind.HistoryPage,
    };
}
