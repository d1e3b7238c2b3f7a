using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace Holi.Wire.Frames;

/// <summary>Announces a topic and its number for this connection (holi.v1.md §8.1).</summary>
public sealed record TopicFrame
{
    /// <summary>1 or more; how later frames name this topic.</summary>
    public required uint Number { get; init; }
    /// <summary>The topic's name.</summary>
    public required string Name { get; init; }
    /// <summary>If it differs from the device's, the device drops what it holds of this topic.</summary>
    public ulong Epoch { get; init; }
    /// <summary>The last offset.</summary>
    public ulong Head { get; init; }
    /// <summary>The first offset this user may see.</summary>
    public ulong First { get; init; }
    /// <summary>Events will be sent from the offset after this one.</summary>
    public ulong Start { get; init; }
    /// <summary>The user's read position.</summary>
    public ulong Read { get; init; }
    /// <summary>The user's delivered position.</summary>
    public ulong Delivered { get; init; }
    /// <summary>0 observer, 1 member, 2 admin, 3 owner; in one's own topics 3.</summary>
    public byte Role { get; init; }
    /// <summary>The user's member number in this topic.</summary>
    public uint Member { get; init; }
    /// <summary>The conversation's title, if it has one.</summary>
    public string? Title { get; init; }
    /// <summary>How many members.</summary>
    public uint Members { get; init; }

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, [NotNullWhen(true)] out TopicFrame? frame, out Violation violation)
    {
        var fields = new FramePayload(body, "8.1");
        frame = new()
        {
            Number = (uint)fields.Int(1, uint.MaxValue),
            Name = fields.Text(WireLimits.TopicNameBytesMax),
            Epoch = fields.Count(),
            Head = fields.Count(),
            First = fields.Count(),
            Start = fields.Count(),
            Read = fields.Count(),
            Delivered = fields.Count(),
            Role = (byte)fields.Int(0, byte.MaxValue),
            Member = fields.Number(),
            Title = fields.TextOrNil(WireLimits.TitleBytesMax),
            Members = (uint)fields.IntOr(0, 0, uint.MaxValue),
        };
        if (!fields.End(out violation))
            frame = null;
        return frame is not null;
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(payload);
        writer.WriteArrayHeader(12);
        writer.Write(Number);
        writer.Write(Name);
        writer.Write(Epoch);
        writer.Write(Head);
        writer.Write(First);
        writer.Write(Start);
        writer.Write(Read);
        writer.Write(Delivered);
        writer.Write(Role);
        writer.Write(Member);
        writer.Write(Title);
        writer.Write(Members);
        writer.Flush();
        PayloadFrames.Write(output, FrameKind.Topic, payload);
    }
}
