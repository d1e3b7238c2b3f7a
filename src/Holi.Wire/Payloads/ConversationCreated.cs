using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>The event of conversation.create (holi.v1.md §8.8). Its members follow as <see cref="MemberAdded"/>.</summary>
public sealed record ConversationCreated(string? Title, string Creator) : IPayload<ConversationCreated>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out ConversationCreated value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new ConversationCreated(reader.OptionalText(WireLimits.TitleBytesMax), reader.User()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(2);
        writer.Text(Title);
        writer.Text(Creator);
        writer.Flush();
    }
}
