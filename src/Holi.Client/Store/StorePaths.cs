using System.Security.Cryptography;

namespace Holi.Client.Store;

/// <summary>The files of one store. The name is a hash of tenant and user: a folder listing names nobody.</summary>
internal sealed record StorePaths(string Folder, string Name)
{
    private const string Extension = ".holi";
    private const int NameBytes = 16;

    public string Database => Path.Combine(Folder, Name + Extension);

    public string Wal => Database + "-wal";

    public string Shm => Database + "-shm";

    public string Mark => Database + "-mark";

    public static StorePaths Of(string folder, StoreOwner owner)
    {
        var content = new ContentWriter().Text("holi device store").Text(owner.Tenant).Text(owner.User);
        return new StorePaths(folder, Convert.ToHexStringLower(SHA256.HashData(content.Written).AsSpan(0, NameBytes)));
    }

    /// <summary>The stores in a folder, damaged ones that were put aside not counted.</summary>
    public static IEnumerable<StorePaths> In(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*" + Extension).Select(path => new StorePaths(folder, Path.GetFileNameWithoutExtension(path)))
            : [];

    /// <summary>A name for the database that does not exist yet, to put a damaged one aside under; its log goes by the same name.</summary>
    public string NextAside()
    {
        for (var number = 1; ; number++)
        {
            var aside = $"{Database}-damaged-{number}";
            if (!File.Exists(aside) && !File.Exists(aside + "-wal"))
                return aside;
        }
    }

    /// <summary>Everything that belongs to the store but its mark: database, log, index of the log, damaged ones put aside.</summary>
    public IEnumerable<string> AllButMark() => Directory.EnumerateFiles(Folder, Name + Extension + "*").Where(path => path != Mark);
}
