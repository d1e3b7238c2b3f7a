using System.Security.Cryptography;

namespace Holi.Chat.Device;

/// <summary>
/// The key that encrypts a person's store. This sample keeps it in a file beside the store that only its owner may read, which protects a
/// backup and little else. A real app keeps it in the system's key store (Keychain, Android Keystore, DPAPI, a TPM) and destroys it at logout.
/// </summary>
internal static class StoreKey
{
    private const int KeyBytes = 32;

    public static byte[] LoadOrMake(string folder, string user)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, user + ".key");
        if (!File.Exists(path))
            Make(path);
        return File.ReadAllBytes(path);
    }

    // Written aside and moved into place: of two chats that start at once, one wins and both read its key.
    private static void Make(string path)
    {
        var aside = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(aside, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
            file.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(aside);
        }
    }
}
