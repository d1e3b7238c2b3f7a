using System.Security.Cryptography;

namespace Holi.Client.Tests.Store;

/// <summary>A folder of stores for one test, removed at its end.</summary>
internal sealed class StoreFolder : IDisposable
{
    public static readonly StoreOwner Ana = new("clinic", "ana");
    public static readonly StoreOwner Ben = new("clinic", "ben");

    public StoreFolder(string? under = null)
    {
        Path = System.IO.Path.Combine(under ?? System.IO.Path.GetTempPath(), "holi-store-" + Guid.NewGuid().ToString("N"));
        Files = new DeviceStoreFiles(Path);
    }

    public string Path { get; }

    public DeviceStoreFiles Files { get; }

    public byte[] Key { get; } = RandomNumberGenerator.GetBytes(32);

    public string Database => System.IO.Path.Combine(Path, Files.NameOf(Ana) + ".holi");

    public string Wal => Database + "-wal";

    public string Mark => Database + "-mark";

    public IDeviceStore Open() => Files.Open(Ana, Key);

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
