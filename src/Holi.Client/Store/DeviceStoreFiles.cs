using Holi.Client.Store;

namespace Holi.Client;

/// <summary>A folder of device stores: one file per tenant and user, named by a hash of both. Thread-safe.</summary>
/// <param name="folder">Made if it is not there. Give each app its own.</param>
public sealed class DeviceStoreFiles(string folder)
{
    /// <summary>
    /// Opens an owner's store, encrypted with the app's key; makes it where there is none. A second opening of the same file, by this process or
    /// another, fails until the first is disposed of or its process has died.
    /// </summary>
    /// <param name="owner">Whose store it is.</param>
    /// <param name="key">32 random bytes that the app keeps in the system's key store. Not kept after the call: only keys derived from it are.</param>
    /// <exception cref="DeviceStoreException">In use, wrong key, no space, or the disk failed.</exception>
    public IDeviceStore Open(StoreOwner owner, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, StoreKeys.AppKeyBytes, nameof(key));
        return OpenWith(owner, key.ToArray());
    }

    /// <summary>
    /// Opens an owner's store without encryption: whoever can read the file can read the messages. For tests, and for apps whose whole disk is encrypted
    /// and whose users agree. An encrypted store does not open so, nor does a plain one with a key.
    /// </summary>
    /// <exception cref="DeviceStoreException">As <see cref="Open(StoreOwner, ReadOnlySpan{byte})"/>.</exception>
    public IDeviceStore OpenUnencrypted(StoreOwner owner) => OpenWith(owner, []);

    /// <summary>The names of the stores in the folder. A name says nothing about its owner; <see cref="NameOf"/> tells which is whose.</summary>
    public IReadOnlyList<string> List() => [.. StorePaths.In(folder).Select(paths => paths.Name).Order(StringComparer.Ordinal)];

    /// <summary>The name of an owner's store.</summary>
    public string NameOf(StoreOwner owner) => StorePaths.Of(folder, owner).Name;

    /// <summary>
    /// At logout: overwrites and removes the owner's file, its log and whatever damaged ones were put aside. Dispose the store first. On flash storage
    /// and in backups old bytes may survive; dropping the key is what destroys them for certain.
    /// </summary>
    /// <exception cref="DeviceStoreException">The store is open, or a file could not be removed: the next opening or wipe goes on where this one stopped.</exception>
    public void Wipe(StoreOwner owner) => Wipe(StorePaths.Of(folder, owner));

    /// <summary>Wipes a store by its name, for example of a user who is no longer known.</summary>
    public void Wipe(string name) => Wipe(StorePaths.In(folder).FirstOrDefault(paths => paths.Name == name)
        ?? throw new ArgumentException("There is no such store.", nameof(name)));

    private SqliteDeviceStore OpenWith(StoreOwner owner, byte[] key)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new StoreOpening(StorePaths.Of(folder, owner), owner, key).Open();
        }
        finally
        {
            Array.Clear(key);
        }
    }

    private static void Wipe(StorePaths paths)
    {
        if (!Directory.Exists(paths.Folder))
            return;
        using var mark = StoreMark.Take(paths);
        try
        {
            StoreWipe.Destroy(paths, mark);
            mark.Delete();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw StoreFailures.Of(failed, paths.Folder);
        }
    }
}
