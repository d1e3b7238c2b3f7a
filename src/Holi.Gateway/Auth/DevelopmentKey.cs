using System.Security.Cryptography;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Auth;

/// <summary>
/// The key of a gateway that was told no other: made once, kept in the data folder, readable by its owner alone. Good for trying things
/// out; a deployment names its own key or its authority.
/// </summary>
public static class DevelopmentKey
{
    public const string FileName = "development.key";

    /// <summary>The key of <paramref name="dataFolder"/>; makes it if there is none.</summary>
    public static byte[] LoadOrMake(string dataFolder)
    {
        Directory.CreateDirectory(dataFolder);
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
            Make(path);
        var key = Convert.FromBase64String(File.ReadAllText(path).Trim());
        return key.Length >= TokenKeys.SharedKeyBytesMin
            ? key
            : throw new InvalidDataException($"{path} is shorter than {TokenKeys.SharedKeyBytesMin} bytes. Delete it to have a new key made.");
    }

    // Written aside, under a name that nobody else writes to, and named without replacing: of several that start at once, one wins and all read its
    // key.
    private static void Make(string path)
    {
        var aside = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(aside, options))
            writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenKeys.SharedKeyBytesMin)));
        UnixFiles.TryName(aside, path);
        File.Delete(aside);
    }
}
