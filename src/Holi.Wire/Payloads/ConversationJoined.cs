using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>conversation.joined (holi.v1.md §8.8): stands in the own topic of who was added.</summary>
public sealed record ConversationJoined(string TopicName, string? Title, string By) : IPayload<ConversationJoined>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out ConversationJoined value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(
            new ConversationJoined(reader.Topic(), reader.OptionalText(WireLimits.TitleBytesMax), reader.User()),
            out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(3);
        writer.Text(TopicName);
        writer.Text(Title);
        writer.Text(By);
        writer.Flush();
    }
}
