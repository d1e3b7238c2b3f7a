using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Holi.Client.Store;

/// <summary>
/// What a file says in clear about itself: whether it is encrypted, its salt, its key check value, its device. Written once, kept twice (in the
/// database and in the mark beside it), with a digest of its own: so a key that does not open it is told from damage.
/// </summary>
internal sealed record StoreHeader(bool Encrypted, byte[] Salt, byte[] KeyCheck, string Device)
{
    private const int SaltBytes = 16;
    private const int DigestBytes = 16;
    private const int DeviceIdBytes = 16;
    private const int DeviceCharsMax = 64;
    private const ulong Format = 1;

    private static ReadOnlySpan<byte> Magic => "HoliHead"u8;

    /// <summary>A new file's header: random salt, random device id.</summary>
    public static StoreHeader Create(ReadOnlySpan<byte> appKey, StoreOwner owner)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var device = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(DeviceIdBytes));
        return new StoreHeader(!appKey.IsEmpty, salt, StoreKeys.CheckOf(appKey, salt, device, owner), device);
    }

    /// <summary>Throws where this key and owner are not those that the file was made with.</summary>
    public void ThrowIfNotOpenedBy(ReadOnlySpan<byte> appKey, StoreOwner owner)
    {
        if (!IsOpenedBy(appKey, owner))
        {
            throw new DeviceStoreException(DeviceStoreFailure.WrongKey,
                "The key does not open this device store, or it belongs to someone else. Without its key it can only be wiped.");
        }
    }

    /// <summary>True where this key and owner are those that the file was made with.</summary>
    private bool IsOpenedBy(ReadOnlySpan<byte> appKey, StoreOwner owner) =>
        Encrypted == !appKey.IsEmpty && CryptographicOperations.FixedTimeEquals(KeyCheck, StoreKeys.CheckOf(appKey, Salt, Device, owner));

    public byte[] ToBytes()
    {
        var content = new ContentWriter().Bytes(Magic).Number(Format).Number(Encrypted ? 1u : 0).Bytes(Salt).Bytes(KeyCheck).Text(Device);
        var digest = SHA256.HashData(content.Written);
        return content.Bytes(digest.AsSpan(0, DigestBytes)).Written.ToArray();
    }

    /// <summary>False where the bytes are not a header or were damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StoreHeader? header)
    {
        header = null;
        if (bytes.Length < Magic.Length + DigestBytes || !bytes.StartsWith(Magic))
            return false;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..^DigestBytes], digest);
        if (!digest[..DigestBytes].SequenceEqual(bytes[^DigestBytes..]))
            return false;
        var reader = new ContentReader(bytes[Magic.Length..^DigestBytes]);
        if (reader.Number() != Format)
            return false;
        header = new StoreHeader(reader.Number() == 1, reader.Take(SaltBytes).ToArray(), reader.Take(StoreKeys.CheckBytes).ToArray(), reader.Text());
        return !reader.Failed && header.Device.Length is > 0 and <= DeviceCharsMax;
    }
}
