using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holi.Client.Store;

/// <summary>
/// Turns a row's content into what lies in the file, and back. A row opens only under the number it was sealed under, with the key
/// of its purpose, user and device: a row moved, copied from elsewhere or changed by one bit does not open. Not thread-safe: one per connection.
/// </summary>
internal abstract class RowSealer : IDisposable
{
    /// <summary>Bytes that sealing adds.</summary>
    public abstract int OverheadBytes { get; }

    /// <summary>Seals into the front of <paramref name="output"/>, which holds content plus overhead.</summary>
    public abstract void Seal(long row, ReadOnlySpan<byte> content, Span<byte> output);

    /// <summary>Opens into <paramref name="content"/>, which holds the sealed bytes less overhead. False where it is not what was sealed under this row.</summary>
    public abstract bool TryOpen(long row, ReadOnlySpan<byte> sealedRow, Span<byte> content);

    public abstract void Dispose();
}

/// <summary>
/// AES-256-GCM: nonce (12) ‖ ciphertext ‖ tag (16), the row's number as associated data.
/// The nonce is random, not a counter: a file can be restored from a backup or cloned, and a counter would then run over the same
/// numbers again with other content, which breaks GCM. Random nonces stay safe (chance of a repeat under 2⁻³²) for 2³² rows
/// under one key (NIST SP 800-38D §8.3), and each purpose in each file has a key of its own.
/// </summary>
internal sealed class AesRowSealer(ReadOnlySpan<byte> key) : RowSealer
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int NoncesDrawn = 64; // one system call for so many rows

    private readonly AesGcm _aes = new(key, TagBytes);
    private readonly byte[] _nonces = new byte[NonceBytes * NoncesDrawn];
    private int _nonceAt = NonceBytes * NoncesDrawn;

    public override int OverheadBytes => NonceBytes + TagBytes;

    public override void Seal(long row, ReadOnlySpan<byte> content, Span<byte> output)
    {
        Span<byte> rowBytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(rowBytes, row);
        var nonce = output[..NonceBytes];
        NextNonce().CopyTo(nonce);
        _aes.Encrypt(nonce, content, output.Slice(NonceBytes, content.Length), output.Slice(NonceBytes + content.Length, TagBytes), rowBytes);
    }

    public override bool TryOpen(long row, ReadOnlySpan<byte> sealedRow, Span<byte> content)
    {
        Span<byte> rowBytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(rowBytes, row);
        try
        {
            _aes.Decrypt(sealedRow[..NonceBytes], sealedRow[NonceBytes..^TagBytes], sealedRow[^TagBytes..], content, rowBytes);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public override void Dispose() => _aes.Dispose();

    private ReadOnlySpan<byte> NextNonce()
    {
        if (_nonceAt == _nonces.Length)
        {
            RandomNumberGenerator.Fill(_nonces);
            _nonceAt = 0;
        }
        _nonceAt += NonceBytes;
        return _nonces.AsSpan(_nonceAt - NonceBytes, NonceBytes);
    }
}

/// <summary>
/// Without a key: content ‖ the first 16 bytes of SHA-256(context ‖ row ‖ content). It hides nothing; it still finds damage, and rows
/// of another user's file do not open.
/// </summary>
internal sealed class PlainRowSealer(byte[] context) : RowSealer
{
    private const int CheckBytes = 16;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override int OverheadBytes => CheckBytes;

    public override void Seal(long row, ReadOnlySpan<byte> content, Span<byte> output)
    {
        content.CopyTo(output);
        Check(row, content, output.Slice(content.Length, CheckBytes));
    }

    public override bool TryOpen(long row, ReadOnlySpan<byte> sealedRow, Span<byte> content)
    {
        Span<byte> check = stackalloc byte[CheckBytes];
        Check(row, sealedRow[..^CheckBytes], check);
        if (!check.SequenceEqual(sealedRow[^CheckBytes..]))
            return false;
        sealedRow[..^CheckBytes].CopyTo(content);
        return true;
    }

    public override void Dispose() => _hash.Dispose();

    private void Check(long row, ReadOnlySpan<byte> content, Span<byte> check)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, row);
        _hash.AppendData(context);
        _hash.AppendData(number);
        _hash.AppendData(content);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(hash);
        hash[..CheckBytes].CopyTo(check);
    }
}
