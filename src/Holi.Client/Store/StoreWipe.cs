namespace Holi.Client.Store;

/// <summary>
/// Destroys a store at logout: every file of it is overwritten, then removed. On flash storage, on copy-on-write file systems and in backups the old
/// bytes may outlive that; what truly destroys the data is that the app drops the key.
/// </summary>
internal static class StoreWipe
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>The caller holds the mark. Word is left in it first, so that a wipe that was cut off is ended by the next opening.</summary>
    public static void Destroy(StorePaths paths, StoreMark mark)
    {
        mark.Raise(StoreMark.Flag.Wiping);
        foreach (var path in paths.AllButMark().ToList())
        {
            Overwrite(path);
            File.Delete(path);
        }
        mark.Clear();
    }

    private static void Overwrite(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var zeros = new byte[ChunkBytes];
        var length = RandomAccess.GetLength(file);
        for (var at = 0L; at < length; at += ChunkBytes)
            RandomAccess.Write(file, zeros.AsSpan(0, (int)Math.Min(ChunkBytes, length - at)), at);
        RandomAccess.FlushToDisk(file);
    }
}
