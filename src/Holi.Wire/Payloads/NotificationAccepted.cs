using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>The event of notification.accept (holi.v1.md §8.8).</summary>
public sealed record NotificationAccepted(string Id, string User, long TimeMs) : IPayload<NotificationAccepted>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out NotificationAccepted value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new NotificationAccepted(reader.Id(), reader.User(), reader.Time()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(3);
        writer.Text(Id);
        writer.Text(User);
        writer.Whole(TimeMs);
        writer.Flush();
    }
}
