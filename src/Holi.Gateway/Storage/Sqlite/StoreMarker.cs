namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// The small file beside the database (<c>….mark</c>) that remembers how far the database had come, so that an older one swapped in is
/// noticed at the next start and announced by a new epoch. Held open for as long as the store is, it also keeps a second gateway out.
/// </summary>
/// <remarks>
/// Written at start, then at least every <see cref="SqliteOptions.MarkerBatches"/> batches or <see cref="SqliteOptions.MarkerInterval"/>, and
/// at the end: never ahead of the database. What it cannot notice: a backup not older than its last write, and a machine or folder put back as
/// a whole with the same files (a snapshot of a disk); for these there is <see cref="SqliteOptions.Restored"/>. A folder that was copied is
/// noticed by its database file, which is another one (<see cref="UnixFiles.Identity"/>).
/// </remarks>
internal sealed class StoreMarker : IDisposable
{
    private readonly MarkFile _file;

    private StoreMarker(MarkFile file) => _file = file;

    /// <summary>What it said when it was opened; null where it said nothing.</summary>
    public StoreMark? Found => _file.Found is { } found ? StoreMark.Read(found) : null;

    /// <exception cref="StoreUnavailableException">Another process has it.</exception>
    public static StoreMarker Open(string path)
    {
        try
        {
            return new StoreMarker(MarkFile.Open(path, StoreMark.Bytes));
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
        mark.Write(bytes);
        try
        {
            _file.Write(bytes);
        }
        catch (IOException failure)
        {
            throw SqliteFailure.Of(failure, "writing the marker");
        }
    }

    public void Dispose() => _file.Dispose();
}
