using System.Security.Cryptography;

namespace Holi.Client.Store;

/// <summary>What a row is for. A row of one purpose never opens as another: each has its key. The numbers are in files.</summary>
internal enum RowPurpose
{
    State = 0,
    Command = 1,
    Topic = 2,
    Event = 3,
}

/// <summary>
/// The keys of one file: HKDF-SHA256 (RFC 5869) over the app's key, with the file's random salt, and an info that names the purpose, the
/// tenant, the user and the device. Binding them into the key binds them to every row at no cost per row.
/// </summary>
internal sealed class StoreKeys : IDisposable
{
    /// <summary>Bytes of the app's key.</summary>
    public const int AppKeyBytes = 32;

    /// <summary>Bytes of the value that tells a wrong key from damage. It says nothing of the keys: HKDF's outputs are independent.</summary>
    public const int CheckBytes = 16;

    private const int RowKeyBytes = 32;
    private const int Purposes = 4;
    private const int CheckPurpose = 255;

    private readonly byte[][] _keys = new byte[Purposes][];
    private readonly bool _encrypted;

    /// <summary>Without an app key (<paramref name="appKey"/> empty) the keys are no secret: they only keep rows of different files apart.</summary>
    public StoreKeys(ReadOnlySpan<byte> appKey, StoreHeader header, StoreOwner owner)
    {
        _encrypted = header.Encrypted;
        for (var purpose = 0; purpose < Purposes; purpose++)
            _keys[purpose] = Derive(appKey, header.Salt, purpose, owner, header.Device, RowKeyBytes);
    }

    /// <summary>The key check value of a file: another one for another key, tenant, user, device or salt.</summary>
    public static byte[] CheckOf(ReadOnlySpan<byte> appKey, ReadOnlySpan<byte> salt, string device, StoreOwner owner) =>
        Derive(appKey, salt, CheckPurpose, owner, device, CheckBytes);

    /// <summary>A sealer of one's own for one purpose.</summary>
    public RowSealer Sealer(RowPurpose purpose) =>
        _encrypted ? new AesRowSealer(_keys[(int)purpose]) : new PlainRowSealer(_keys[(int)purpose]);

    public void Dispose()
    {
        foreach (var key in _keys)
            CryptographicOperations.ZeroMemory(key);
    }

    private static byte[] Derive(ReadOnlySpan<byte> appKey, ReadOnlySpan<byte> salt, int purpose, StoreOwner owner, string device, int bytes)
    {
        var info = new ContentWriter().Text("holi device store 1").Number((ulong)purpose).Text(owner.Tenant).Text(owner.User).Text(device).Written;
        var key = new byte[bytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, appKey, key, salt, info);
        return key;
    }
}
