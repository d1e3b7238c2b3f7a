using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>
/// A payload of the protocol as a value. Every type of holi.v1.md §8.8 and §9.3 has one for its command and one for its event.
/// </summary>
/// <typeparam name="TSelf">The payload's own type.</typeparam>
public interface IPayload<TSelf>
    where TSelf : IPayload<TSelf>
{
    /// <summary>
    /// Reads <paramref name="payload"/>, copying what it keeps. False where it breaks a rule of §3.1 or a limit of §8.8. Never throws;
    /// allocates nothing before the whole payload has been checked.
    /// </summary>
    static abstract bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out TSelf value);

    /// <summary>Appends the payload to <paramref name="output"/>, without absent fields at its end. Does not check limits.</summary>
    void Write(IBufferWriter<byte> output);
}

/// <summary>What can be done with every payload.</summary>
public static class Payload
{
    /// <summary>The payload as bytes of its own.</summary>
    public static byte[] ToBytes<T>(this T payload)
        where T : IPayload<T>
    {
        ArgumentNullException.ThrowIfNull(payload);
        var output = new ArrayBufferWriter<byte>(128);
        payload.Write(output);
        return output.WrittenSpan.ToArray();
    }
}
