namespace Holi.Client.Tests.Store;

/// <summary>The contract, on an encrypted file.</summary>
public sealed class SqliteDeviceStoreTests : DeviceStoreContract, IDisposable
{
    private readonly StoreFolder _folder = new();

    protected override IDeviceStore Open() => _folder.Open();

    public void Dispose() => _folder.Dispose();
}

/// <summary>The contract, on a file without encryption.</summary>
public sealed class UnencryptedDeviceStoreTests : DeviceStoreContract, IDisposable
{
    private readonly StoreFolder _folder = new();

    protected override IDeviceStore Open() => _folder.Files.OpenUnencrypted(StoreFolder.Ana);

    public void Dispose() => _folder.Dispose();
}
