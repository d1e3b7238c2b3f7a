namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// The small file in a gateway's data folder (<c>postgres.mark</c>) that remembers how far this gateway has seen the log come. Several gateways
/// may share a folder: each takes the first file that is free. Written beside the batches, never ahead of them; a mark that cannot be written stays
/// behind, which is the safe side.
/// </summary>
internal sealed class PostgresMarker : IAsyncDisposable
{
    // Gateways that share a data folder: more than anybody runs on one machine.
    private const int PlacesMax = 32;

    private readonly MarkFile _file;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private Task _writing = Task.CompletedTask;
    private long _writtenAt;

    private PostgresMarker(MarkFile file, TimeSpan interval, TimeProvider time)
    {
        (_file, _interval, _time) = (file, interval, time);
        Found = file.Found is { } found ? PostgresMark.Read(found) : null;
    }

    /// <summary>What it said when it was opened; null where it said nothing.</summary>
    public PostgresMark? Found { get; }

    /// <exception cref="StoreUnavailableException">The folder cannot be written.</exception>
    public static PostgresMarker Open(PostgresOptions options, TimeProvider time)
    {
        IOException? failure = null;
        try
        {
            UnixFiles.MakeFolder(options.DataFolder);
            for (var place = 1; place <= PlacesMax; place++)
            {
                try
                {
                    return new PostgresMarker(MarkFile.Open(PathOf(options.DataFolder, place), PostgresMark.Bytes), options.MarkInterval, time);
                }
                catch (IOException taken)
                {
                    failure = taken;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException("The data folder, where this gateway keeps its mark of the log, may not be written", e);
        }
        throw new StoreUnavailableException("The data folder has no free mark of the log: too many gateways share it, or it may not be written", failure);
    }

    /// <summary>The file of one of the gateways that share a folder.</summary>
    public static string PathOf(string folder, int place) => Path.Combine(folder, place == 1 ? "postgres.mark" : $"postgres-{place}.mark");

    /// <summary>Returns once it is on disk.</summary>
    /// <exception cref="StoreUnavailableException">It may not be.</exception>
    public void Write(PostgresMark mark)
    {
        try
        {
            WriteNow(mark);
        }
        catch (IOException failure)
        {
            throw new StoreUnavailableException("The mark of the log could not be written into the data folder", failure);
        }
    }

    /// <summary>Writes it if the last one is old enough, on another thread: no batch waits for it.</summary>
    public void Note(PostgresMark mark)
    {
        if (_writing.IsCompleted && _time.GetElapsedTime(_writtenAt) >= _interval)
            _writing = Task.Run(() => TryWrite(mark));
    }

    /// <summary>Writes the last one.</summary>
    public async ValueTask EndAsync(PostgresMark mark)
    {
        await _writing.ConfigureAwait(false);
        TryWrite(mark);
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.ConfigureAwait(false);
        _file.Dispose();
    }

    private void TryWrite(PostgresMark mark)
    {
        try
        {
            WriteNow(mark);
        }
        catch (IOException)
        {
            // It stays where it was; the next one tries again.
        }
    }

    private void WriteNow(PostgresMark mark)
    {
        Span<byte> bytes = stackalloc byte[PostgresMark.Bytes];
        mark.Write(bytes);
        _file.Write(bytes);
        _writtenAt = _time.GetTimestamp();
    }
}
