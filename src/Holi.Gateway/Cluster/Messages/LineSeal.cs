using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holi.Gateway.Cluster.Messages;

/// <summary>
/// Seals what gateways say to each other with a key that lies in the log: whoever reads along on Redis learns how much is said and nothing of it, and whoever
/// writes there says nothing that a gateway takes.
/// <code>
/// u8 version, 8 bytes origin, 8 bytes number, the message in AES-256-GCM, 16 bytes tag
/// </code>
/// Each life of a gateway has a key of its own, derived from the log's and its id, and numbers its messages: no number is used twice with a key. A message
/// that somebody says again is genuine; that it comes twice changes nothing. Thread-safe.
/// </summary>
internal sealed class LineSeal : IDisposable
{
    /// <summary>Bytes that a seal adds.</summary>
    public const int OverheadBytes = HeaderBytes + TagBytes;

    private const byte Version = 1;
    private const int KeyBytes = 32, HeaderBytes = 17, TagBytes = 16, NonceBytes = 12, NumberAt = 9;

    private static ReadOnlySpan<byte> Purpose => "holi line 1"u8;

    private readonly Lock _lock = new();
    private readonly byte[] _key;
    private readonly NodeId _self;
    private readonly int _nodesMax;
    private readonly AesGcm _own;
    // Of those whose seal was found good.
    private readonly Dictionary<NodeId, AesGcm> _others = [];
    private ulong _number;

    /// <param name="key">The log's.</param>
    /// <param name="self">This life of this gateway.</param>
    /// <param name="nodesMax">Others whose keys are kept.</param>
    public LineSeal(ReadOnlyMemory<byte> key, NodeId self, int nodesMax)
    {
        if (key.Length != KeyBytes)
            throw new InvalidOperationException("The log has no key for the line between its gateways.");
        (_key, _self, _nodesMax) = (key.ToArray(), self, nodesMax);
        _own = KeyOf(self);
    }

    public byte[] Seal(ReadOnlySpan<byte> message)
    {
        var output = new byte[message.Length + OverheadBytes];
        output[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(output.AsSpan(1), _self.Value);
        Span<byte> nonce = stackalloc byte[NonceBytes];
        lock (_lock)
        {
            BinaryPrimitives.WriteUInt64BigEndian(output.AsSpan(NumberAt), ++_number);
            NonceOf(output, nonce);
            _own.Encrypt(nonce, message, output.AsSpan(HeaderBytes, message.Length), output.AsSpan(^TagBytes..), output.AsSpan(0, HeaderBytes));
        }
        return output;
    }

    /// <summary>Opens a message into <paramref name="message"/>, which has as much room as the sealed one. False where no gateway of this log sealed it.</summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedMessage, Span<byte> message, out int length)
    {
        length = sealedMessage.Length - OverheadBytes;
        if (length < 0 || sealedMessage[0] != Version)
            return false;
        var origin = new NodeId(BinaryPrimitives.ReadUInt64BigEndian(sealedMessage[1..]));
        Span<byte> nonce = stackalloc byte[NonceBytes];
        NonceOf(sealedMessage, nonce);
        lock (_lock)
        {
            var isKnown = _others.TryGetValue(origin, out var key);
            key ??= KeyOf(origin);
            try
            {
                key.Decrypt(
                    nonce, sealedMessage.Slice(HeaderBytes, length), sealedMessage[^TagBytes..], message[..length], sealedMessage[..HeaderBytes]);
            }
            catch (AuthenticationTagMismatchException)
            {
                if (!isKnown)
                    key.Dispose();
                return false;
            }
            if (!isKnown)
                Keep(origin, key);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _own.Dispose();
            Forget();
        }
    }

    // Gateways come and go; who is still there is known again with its next message.
    private void Keep(NodeId origin, AesGcm key)
    {
        if (_others.Count >= _nodesMax)
            Forget();
        _others.Add(origin, key);
    }

    private void Forget()
    {
        foreach (var (_, key) in _others)
            key.Dispose();
        _others.Clear();
    }

    private AesGcm KeyOf(NodeId node)
    {
        Span<byte> info = stackalloc byte[Purpose.Length + sizeof(ulong)];
        Purpose.CopyTo(info);
        BinaryPrimitives.WriteUInt64BigEndian(info[Purpose.Length..], node.Value);
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, key, salt: default, info);
        return new AesGcm(key, TagBytes);
    }

    private static void NonceOf(ReadOnlySpan<byte> sealedMessage, Span<byte> nonce)
    {
        nonce.Clear();
        sealedMessage[NumberAt..HeaderBytes].CopyTo(nonce[(NonceBytes - sizeof(ulong))..]);
    }
}
