using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>notification (holi.v1.md §8.8).</summary>
/// <param name="Id">Names it towards <see cref="NotificationAccept"/>.</param>
/// <param name="Priority">0, the lowest, to <see cref="PayloadLimits.PriorityMax"/>.</param>
/// <param name="Title">At most <see cref="WireLimits.TitleBytesMax"/> bytes.</param>
/// <param name="Body">At most <see cref="PayloadLimits.NotificationBodyBytesMax"/> bytes.</param>
/// <param name="Reference">What it is about, at most <see cref="PayloadLimits.ReferenceBytesMax"/> bytes.</param>
/// <param name="ExpiresMs">From when on it is of no use.</param>
public sealed record Notification(
    string Id, int Priority, string Title, string? Body, string? Reference, long? ExpiresMs) : IPayload<Notification>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out Notification value)
    {
        var reader = new PayloadReader(payload);
        var notification = new Notification(
            reader.Id(),
            (int)reader.Whole(0, PayloadLimits.PriorityMax),
            reader.Text(WireLimits.TitleBytesMax),
            reader.OptionalText(PayloadLimits.NotificationBodyBytesMax),
            reader.OptionalText(PayloadLimits.ReferenceBytesMax),
            reader.OptionalTime());
        return reader.Finish(notification, out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(ExpiresMs is not null ? 6 : Reference is not null ? 5 : Body is not null ? 4 : 3);
        writer.Text(Id);
        writer.Whole(Priority);
        writer.Text(Title);
        if (Body is not null || Reference is not null || ExpiresMs is not null)
            writer.Text(Body);
        if (Reference is not null || ExpiresMs is not null)
            writer.Text(Reference);
        if (ExpiresMs is { } expires)
            writer.Whole(expires);
        writer.Flush();
    }
}
