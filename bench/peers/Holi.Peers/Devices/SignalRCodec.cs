namespace Holi.Peers.Devices;

/// <summary>What kind of hub message it is, as far as devices care.</summary>
internal enum SignalRKind
{
    Other,
    Text,
    Ready,
    Completion,
    Sequence,
}

/// <summary>What one hub message says, as far as devices care.</summary>
internal readonly record struct SignalRMessage(SignalRKind Kind, ReadOnlyMemory<byte> Text = default, long Sequence = 0);

/// <summary>One of the hub protocol's two forms.</summary>
internal abstract class SignalRCodec
{
    public abstract bool TryRead(ReadOnlyMemory<byte> bytes, out int length, out SignalRMessage message);

    /// <param name="id">The id that its completion will carry; null: none is wanted.</param>
    /// <param name="text">The hub method's argument.</param>
    public abstract ReadOnlySpan<byte> Invocation(long? id, ReadOnlySpan<byte> text);

    public abstract ReadOnlySpan<byte> Ack(long sequence);

    public abstract ReadOnlySpan<byte> Sequence(long sequence);
}
