using System.Buffers;
using Holi.Gateway.Storage;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Topics;

/// <summary>Makes Event frames of stored events (§8.2). The same bytes for all: topic numbers and time base are the gateway's.</summary>
internal static class EventEncoding
{
    // Kind, length, and five numbers; the payload comes on top.
    private const int HeaderBytesGuess = 32;
    private const int HeaderBytesMax = 48;

    // An empty MessagePack array: what is left of an erased message (§8.8, type 5).
    private static readonly ReadOnlySequence<byte> ErasedPayload = new([0x90]);

    /// <summary>A frame in memory of its own, exactly as large as it is: it will be shared and kept.</summary>
    public static ReadOnlyMemory<byte> Encode(uint number, StoredEvent stored, long timeBaseMs)
    {
        var output = new ArrayBufferWriter<byte>(HeaderBytesGuess + stored.Payload.Length);
        Write(output, number, stored, timeBaseMs);
        return output.WrittenMemory;
    }

    /// <summary>Bytes that the frame of this event has at most.</summary>
    public static int BytesMax(StoredEvent? stored) => stored is null ? 0 : HeaderBytesMax + stored.Payload.Length;

    /// <summary>Memory that the frames of these events fit into.</summary>
    public static int BytesMax(IReadOnlyList<StoredEvent> events)
    {
        var bytes = 1;
        foreach (var stored in events)
            bytes += BytesMax(stored);
        return bytes;
    }

    public static void Write(IBufferWriter<byte> output, uint number, StoredEvent stored, long timeBaseMs) =>
        new EventFrame(number, stored.Offset, stored.TimeMs, stored.Member, stored.Type, new ReadOnlySequence<byte>(stored.Payload))
            .Write(output, timeBaseMs);

    /// <summary>What takes an erased event's place: the same offset, time and sender, and nothing of its content.</summary>
    public static ReadOnlyMemory<byte> Erase(ReadOnlyMemory<byte> frame, long timeBaseMs)
    {
        var reader = new FrameReader(new ReadOnlySequence<byte>(frame), Wire.WireLimits.FrameBytesMax);
        if (!reader.TryRead(out var whole, out _) || !EventFrame.TryRead(whole.Body, timeBaseMs, out var read, out _))
            throw new InvalidOperationException("The tail holds a frame that this gateway did not write.");
        var output = new ArrayBufferWriter<byte>(HeaderBytesGuess);
        (read with { Type = MessageTypes.MessageErased, Payload = ErasedPayload }).Write(output, timeBaseMs);
        return output.WrittenMemory;
    }
}
