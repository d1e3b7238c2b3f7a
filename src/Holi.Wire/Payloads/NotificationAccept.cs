using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>notification.accept (holi.v1.md §8.8): a person took note.</summary>
public sealed record NotificationAccept(string Id) : IPayload<NotificationAccept>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out NotificationAccept value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new NotificationAccept(reader.Id()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(1);
        writer.Text(Id);
        writer.Flush();
    }
}
