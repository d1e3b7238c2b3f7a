using System.Globalization;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Ops.Doctor;

/// <summary>May the gateway write where its data lies, is there room, and is what it syncs really on disk?</summary>
internal static class DataFolderCheck
{
    private const string Subject = "data folder";
    private const int Syncs = 25, SyncBytes = 4_096;
    private const long FreeBytesMin = 1L << 30;

    // A sync waits for a disk or its battery-backed memory: microseconds are a promise that nobody keeps. And every commit waits for one.
    private static readonly TimeSpan SyncMin = TimeSpan.FromMicroseconds(15), SyncMax = TimeSpan.FromMilliseconds(20);

    private static readonly string[] InMemory = ["tmpfs", "ramfs"];

    public static IEnumerable<Finding> Look(string folder, TimeProvider time)
    {
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
            existing = parent;
        if (existing != folder)
            yield return Finding.Fine(Subject, $"{folder} is not there yet; the gateway makes it");
        if (TryMeasure(existing, time, out var sync, out var failure))
        {
            yield return OfSync(existing, sync);
            foreach (var finding in OfDisk(existing))
                yield return finding;
        }
        else
        {
            yield return Finding.Problem(
                Subject, $"{existing} cannot be written ({failure})", "the gateway does not start, or acknowledges nothing",
                "give the gateway's user the folder, on a disk that is mounted for writing and has room; or name another with DataFolder");
        }
    }

    /// <summary>The median time of a sync, judged.</summary>
    internal static Finding OfSync(string folder, TimeSpan sync)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{folder} can be written; a sync takes {sync.TotalMilliseconds:0.###} ms");
        if (sync < SyncMin)
        {
            return Finding.Warning(
                Subject, what, "so fast that nothing waits for a disk: after a power failure acknowledged messages may be missing",
                "put the folder on a disk that syncs (not in memory, not with barriers or syncs switched off)");
        }
        return sync <= SyncMax
            ? Finding.Fine(Subject, what)
            : Finding.Warning(
                Subject, what, "on SQLite every commit waits for one, so every message is at least as late", "put the folder on a faster disk");
    }

    private static IEnumerable<Finding> OfDisk(string folder)
    {
        DriveInfo disk;
        try
        {
            disk = new DriveInfo(folder);
            if (disk.AvailableFreeSpace >= FreeBytesMin && !InMemory.Contains(disk.DriveFormat))
                yield break;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            yield break;
        }
        if (InMemory.Contains(disk.DriveFormat))
        {
            yield return Finding.Warning(
                Subject, $"{folder} is in memory ({disk.DriveFormat})", "after a restart of the machine everything is gone", "put it on a disk");
        }
        if (disk.AvailableFreeSpace < FreeBytesMin)
        {
            yield return Finding.Warning(
                Subject, $"{disk.AvailableFreeSpace >> 20} MiB are free", "when it is full the gateway acknowledges nothing", "make room");
        }
    }

    private static bool TryMeasure(string folder, TimeProvider time, out TimeSpan median, out string failure)
    {
        var path = Path.Combine(folder, $".holi-doctor-{Guid.NewGuid():N}");
        (median, failure) = (TimeSpan.Zero, "");
        try
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.DeleteOnClose,
            });
            var took = new List<TimeSpan>(Syncs);
            for (var i = 0; i < Syncs; i++)
            {
                var began = time.GetTimestamp();
                file.Write(new byte[SyncBytes]);
                file.Flush(flushToDisk: true);
                took.Add(time.GetElapsedTime(began));
            }
            took.Sort();
            median = took[Syncs / 2];
            UnixFiles.SyncFolder(folder);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            failure = "no permission";
        }
        catch (IOException refused)
        {
            // The system's words for it end with the path.
            failure = refused.Message.Split(" : ")[0].TrimEnd('.');
        }
        return false;
    }
}
