using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>
/// One MessagePack value of any kind, kept as its bytes: what a record's field holds. Equal where the bytes are equal. The default is nil.
/// </summary>
public readonly struct PayloadValue : IEquatable<PayloadValue>
{
    private static readonly byte[] NilBytes = [0xC0];
    private readonly byte[]? _bytes;

    private PayloadValue(byte[] bytes) => _bytes = bytes;

    /// <summary>The value as MessagePack. Never empty.</summary>
    public ReadOnlyMemory<byte> Encoded => _bytes ?? NilBytes;

    /// <summary>True for nil.</summary>
    public bool IsNil => Encoded.Span[0] == NilBytes[0];

    /// <summary>A text value, or nil.</summary>
    public static PayloadValue Of(string? text)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(output);
        writer.Text(text);
        writer.Flush();
        return new(output.WrittenSpan.ToArray());
    }

    /// <summary>An integer value.</summary>
    public static PayloadValue Of(long number)
    {
        var output = new ArrayBufferWriter<byte>(9);
        var writer = new PayloadWriter(output);
        writer.Whole(number);
        writer.Flush();
        return new(output.WrittenSpan.ToArray());
    }

    /// <summary>A float value.</summary>
    public static PayloadValue Of(double number)
    {
        var output = new ArrayBufferWriter<byte>(9);
        var writer = new PayloadWriter(output);
        writer.Real(number);
        writer.Flush();
        return new(output.WrittenSpan.ToArray());
    }

    /// <summary>A boolean value.</summary>
    public static PayloadValue Of(bool value) => new([(byte)(value ? 0xC3 : 0xC2)]);

    /// <summary>
    /// The value that <paramref name="encoded"/> is. False where it is not exactly one value that keeps the rules of §3.1.
    /// </summary>
    public static bool TryFrom(ReadOnlySpan<byte> encoded, out PayloadValue value)
    {
        // As the only field of a payload it stands where a field will stand, one level down.
        var payload = new byte[encoded.Length + 1];
        payload[0] = 0x91;
        encoded.CopyTo(payload.AsSpan(1));
        var valid = !encoded.IsEmpty && PayloadRules.Check(new ReadOnlySequence<byte>(payload));
        value = valid ? new(encoded.ToArray()) : default;
        return valid;
    }

    /// <summary>A reader over a payload with this value as its only field.</summary>
    public PayloadReader Read()
    {
        var payload = new byte[Encoded.Length + 1];
        payload[0] = 0x91;
        Encoded.CopyTo(payload.AsMemory(1));
        return new PayloadReader(new ReadOnlySequence<byte>(payload));
    }

    /// <inheritdoc/>
    public bool Equals(PayloadValue other) => Encoded.Span.SequenceEqual(other.Encoded.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PayloadValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Encoded.Span);
        return hash.ToHashCode();
    }

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(PayloadValue left, PayloadValue right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(PayloadValue left, PayloadValue right) => !left.Equals(right);

    // For a value inside a payload that was checked already.
    internal static PayloadValue Checked(in ReadOnlySequence<byte> encoded) => new(encoded.ToArray());
}
