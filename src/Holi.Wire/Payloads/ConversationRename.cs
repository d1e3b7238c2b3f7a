using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>conversation.rename (holi.v1.md §8.8).</summary>
/// <param name="Title">At most <see cref="WireLimits.TitleBytesMax"/> bytes; null takes the title away.</param>
public sealed record ConversationRename(string? Title) : IPayload<ConversationRename>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out ConversationRename value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new ConversationRename(reader.OptionalText(WireLimits.TitleBytesMax)), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(Title is null ? 0 : 1);
        if (Title is not null)
            writer.Text(Title);
        writer.Flush();
    }
}
