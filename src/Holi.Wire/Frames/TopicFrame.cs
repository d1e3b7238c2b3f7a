using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Holi.Wire.Payloads;

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
    /// <summary>The user's role; in one's own topics owner.</summary>
    public MemberRole Role { get; init; }
    /// <summary>The user's member number in this topic.</summary>
    public uint Member { get; init; }
    /// <summary>The conversation's title, if it has one.</summary>
    public string? Title { get; init; }
    /// <summary>How many members.</summary>
    public uint Members { get; init; }

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, [NotNullWhen(true)] out TopicFrame? frame, out Violation violation)
    {
        var reader = new PayloadReader(body);
        var read = new TopicFrame
        {
            Number = reader.Number32(min: 1),
            Name = reader.Topic(),
            Epoch = reader.Number(),
            Head = reader.Number(),
            First = reader.Number(),
            Start = reader.Number(),
            Read = reader.Number(),
            Delivered = reader.Number(),
            Role = reader.Role(),
            Member = reader.Number32(),
            Title = reader.OptionalText(WireLimits.TitleBytesMax),
            Members = reader.Number32(),
        };
        return reader.Finish("8.1", read, out frame, out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        var writer = new PayloadWriter(payload);
        writer.BeginArray(12);
        writer.Whole(Number);
        writer.Text(Name);
        writer.Number(Epoch);
        writer.Number(Head);
        writer.Number(First);
        writer.Number(Start);
        writer.Number(Read);
        writer.Number(Delivered);
        writer.Whole((long)Role);
        writer.Whole(Member);
        writer.Text(Title);
        writer.Whole(Members);
        writer.Flush();
        PayloadFrames.Write(output, FrameKind.Topic, payload);
    }
}
