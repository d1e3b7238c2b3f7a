using System.Security.Cryptography;

namespace Holi.Client.Tests.Store;

/// <summary>A folder of stores for one test, removed at its end.</summary>
internal sealed class StoreFolder : IDisposable
{
    public static readonly StoreOwner Ana = new("clinic", "ana");
    public static readonly StoreOwner Ben = new("clinic", "ben");

    public StoreFolder(string? under = null)
    {
        Path = System.IO.Path.Combine(under ?? Fast(), "holi-store-" + Guid.NewGuid().ToString("N"));
        Files = new DeviceStoreFiles(Path);
    }

    /// <summary>On the disk, where the others are in memory if the system has a place for that: they sync some thousand times.</summary>
    public static StoreFolder OnDisk() => new(System.IO.Path.GetTempPath());

    public string Path { get; }

    public DeviceStoreFiles Files { get; }

    public byte[] Key { get; } = RandomNumberGenerator.GetBytes(32);

    public string Database => System.IO.Path.Combine(Path, Files.NameOf(Ana) + ".holi");

    public string Wal => Database + "-wal";

    public string Mark => Database + "-mark";

    public IDeviceStore Open() => Files.Open(Ana, Key);

    private static string Fast() => Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
