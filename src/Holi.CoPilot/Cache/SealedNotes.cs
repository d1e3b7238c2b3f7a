using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Cache;

/// <summary>
/// Notes sealed with AES-256-GCM under the key of the cache, each bound to the request that it answers: what is moved to another place, altered, or sealed by somebody
/// else, does not open. Pure, but for the nonce, which must come from a cryptographic source.
/// </summary>
internal sealed class SealedNotes
{
    public const int KeyBytes = 32;

    private const byte Format = 1;
    private const int NonceBytes = 12, TagBytes = 16, HeadBytes = 1 + NonceBytes;

    private readonly byte[] _key;

    public SealedNotes(byte[] key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        _key = key;
    }

    /// <summary>Format, nonce, tag, and the sealed note.</summary>
    public byte[] Seal(string key, Note note)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(note, NoteJson.Default.Note);
        var box = new byte[HeadBytes + TagBytes + plain.Length];
        box[0] = Format;
        var nonce = box.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, box.AsSpan(HeadBytes + TagBytes), box.AsSpan(HeadBytes, TagBytes), Bound(key));
        return box;
    }

    /// <summary>Null where it is not what was sealed for <paramref name="key"/>.</summary>
    public Note? Open(string key, ReadOnlySpan<byte> box)
    {
        if (box.Length < HeadBytes + TagBytes || box[0] != Format)
            return null;
        var plain = new byte[box.Length - HeadBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(_key, TagBytes);
            aes.Decrypt(box.Slice(1, NonceBytes), box[(HeadBytes + TagBytes)..], box.Slice(HeadBytes, TagBytes), plain, Bound(key));
            return JsonSerializer.Deserialize(plain, NoteJson.Default.Note);
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    private static byte[] Bound(string key)
    {
        var bytes = new byte[sizeof(int) + Encoding.UTF8.GetByteCount(key)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Format);
        Encoding.UTF8.GetBytes(key, bytes.AsSpan(sizeof(int)));
        return bytes;
    }
}
