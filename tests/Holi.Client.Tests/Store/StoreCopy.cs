using System.Diagnostics;

namespace Holi.Client.Tests.Store;

/// <summary>A store's files as they were at one moment, to put back and damage again and again.</summary>
internal sealed class StoreCopy
{
    private readonly Dictionary<string, byte[]> _files;
    private readonly StoreFolder _folder;

    /// <summary>Taken while the store is open, it has what a process that dies now leaves: most of it in the log.</summary>
    public StoreCopy(StoreFolder folder)
    {
        _folder = folder;
        _files = Directory.EnumerateFiles(folder.Path).Where(path => !path.EndsWith("-shm", StringComparison.Ordinal)).ToDictionary(path => path, ReadShared);
    }

    public byte[] BytesOf(string path) => _files[path];

    /// <summary>Puts all files back, one of them changed (null: removed).</summary>
    public void Restore(string? changed = null, byte[]? bytes = null)
    {
        foreach (var path in Directory.EnumerateFiles(_folder.Path))
            File.Delete(path);
        foreach (var (path, original) in _files)
        {
            var content = path == changed ? bytes : original;
            if (content is not null)
                File.WriteAllBytes(path, content);
        }
    }

    private static byte[] ReadShared(string path)
    {
        // Not by File: it minds the lock that an open store holds on its mark. cp, like a backup, does not.
        var copy = Path.GetTempFileName();
        using (var cp = Process.Start("cp", [path, copy]))
            cp.WaitForExit();
        var bytes = File.ReadAllBytes(copy);
        File.Delete(copy);
        return bytes;
    }
}
