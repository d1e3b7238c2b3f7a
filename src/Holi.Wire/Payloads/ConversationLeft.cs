using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>conversation.left (holi.v1.md §8.8): stands in the own topic of who is no longer a member.</summary>
public sealed record ConversationLeft(string TopicName, LeftHow How) : IPayload<ConversationLeft>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out ConversationLeft value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new ConversationLeft(reader.Topic(), reader.How()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(2);
        writer.Text(TopicName);
        writer.Whole((long)How);
        writer.Flush();
    }
}
