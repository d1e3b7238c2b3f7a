namespace Holi.Client.Store;

/// <summary>
/// Puts a salvaged file in the place of a damaged one. The rename to "saved" is the point of no return: what is found under that name is whole,
/// and a process that dies during the swap leaves it to the next opening.
/// </summary>
internal static class StoreSwap
{
    /// <summary>Where the new file is made.</summary>
    public static string UnfinishedOf(StorePaths paths) => paths.Database + "-saving";

    private static string SavedOf(StorePaths paths) => paths.Database + "-saved";

    /// <summary>The new file is whole, closed and on disk: swap.</summary>
    public static void Begin(StorePaths paths)
    {
        using (var file = File.OpenHandle(UnfinishedOf(paths), FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.FlushToDisk(file);
        File.Move(UnfinishedOf(paths), SavedOf(paths), overwrite: true);
        Finish(paths);
    }

    /// <summary>Ends a swap that was begun; nothing where there is none.</summary>
    public static void Finish(StorePaths paths)
    {
        if (!File.Exists(SavedOf(paths)))
            return;
        var aside = paths.NextAside();
        File.Delete(paths.Shm);
        if (File.Exists(paths.Wal))
            File.Move(paths.Wal, aside + "-wal");
        if (File.Exists(paths.Database))
            File.Move(paths.Database, aside);
        File.Move(SavedOf(paths), paths.Database);
    }

    /// <summary>Removes what a salvage that was cut off left.</summary>
    public static void Discard(StorePaths paths)
    {
        foreach (var suffix in new[] { "", "-wal", "-shm" })
            File.Delete(UnfinishedOf(paths) + suffix);
    }
}
