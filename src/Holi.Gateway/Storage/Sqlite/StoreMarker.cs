namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// The small file beside the database (<c>….mark</c>) that remembers how far the database had come, so that an older one swapped in is
/// noticed at the next start and announced by a new epoch. Held open for as long as the store is, it also keeps a second gateway out.
/// </summary>
/// <remarks>
/// Two places, written in turn and synced, so that a torn write leaves the other. Written at start, then at least every
/// <see cref="SqliteOptions.MarkerBatches"/> batches or <see cref="SqliteOptions.MarkerInterval"/>, and at the end: never ahead of the
/// database. What it cannot notice: a backup not older than its last write, and a machine or folder put back as a whole with the same
/// files (a snapshot of a disk); for these there is <see cref="SqliteOptions.Restored"/>. A folder that was copied is noticed by its
/// database file, which is another one (<see cref="UnixFiles.Identity"/>).
/// </remarks>
internal sealed class StoreMarker : IDisposable
{
    // Apart, so that they never share a sector.
    private const int PlaceBytes = 4_096;

    private readonly FileStream _file;
    private ulong _order;

    private StoreMarker(FileStream file) => _file = file;

    /// <summary>What it said when it was opened; null where it said nothing.</summary>
    public StoreMark? Found { get; private set; }

    /// <exception cref="StoreUnavailableException">Another process has it.</exception>
    public static StoreMarker Open(string path)
    {
        try
        {
            UnixFiles.MakeFile(path);
            var marker = new StoreMarker(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            marker.Read();
            return marker;
        }
        catch (IOException failure)
        {
            throw new StoreUnavailableException("The log is in use by another process, or its marker cannot be read", failure);
        }
    }

    /// <summary>Returns once it is on disk.</summary>
    public void Write(StoreMark mark)
    {
        Span<byte> bytes = stackalloc byte[StoreMark.Bytes];
        mark.Write(bytes, ++_order);
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, bytes, (long)(_order % 2) * PlaceBytes);
            RandomAccess.FlushToDisk(_file.SafeFileHandle);
        }
        catch (IOException failure)
        {
            throw SqliteFailure.Of(failure, "writing the marker");
        }
    }

    public void Dispose() => _file.Dispose();

    private void Read()
    {
        Span<byte> bytes = stackalloc byte[StoreMark.Bytes];
        for (var place = 0; place < 2; place++)
        {
            bytes.Clear();
            RandomAccess.Read(_file.SafeFileHandle, bytes, (long)place * PlaceBytes);
            if (StoreMark.Read(bytes) is { } read && read.Order > _order)
                (Found, _order) = (read.Mark, read.Order);
        }
    }
}
