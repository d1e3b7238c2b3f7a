using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// One life of a gateway as a writer of the log: how many batches it knows to be there, and whether one is on its way. Invariant: what the log
/// says of this writer is what it knows, or one more where an answer was lost. Where it is not, or another gateway has announced a new epoch, the
/// history that this gateway's memory and connections are made of is gone: it says so, announces it, and does nothing more until it is started again.
/// </summary>
internal sealed class PostgresLife(
    PostgresSources sources, PostgresCall call, PostgresOptions options, PostgresMarker marker, TimeProvider time, PostgresStart start)
{
    private readonly Guid _writer = start.Writer;
    private PostgresPlace _place = start.Place;
    private ulong _confirmed;
    // How far the disk had come when the last batch that is there was opened. What is behind a commit is wherever that commit is, on a
    // synchronous standby, too; what the server itself has beyond it may not be.
    private ulong _lsn = start.Place.Lsn;
    private ulong _lsnOpened;
    private bool _unanswered;
    private volatile string? _over;

    /// <summary>This life's own id.</summary>
    public Guid Writer => _writer;

    /// <summary>The epoch it was started in.</summary>
    public ulong Epoch => start.Meta.Epoch;

    /// <exception cref="StoreUnavailableException">This gateway is to be started again.</exception>
    public void Check()
    {
        if (_over is { } why)
            throw new StoreUnavailableException($"Postgres {why}: start this gateway again");
    }

    /// <summary>A new connection: is it to the server that was seen before?</summary>
    public async ValueTask MeetAsync(NpgsqlConnection connection, PostgresPlace place, CancellationToken cancel)
    {
        if (PostgresHistory.IsBehind(place, _place, _lsn))
            await GiveUpAsync("is behind what this gateway has seen of it", announce: true, cancel).ConfigureAwait(false);
        if (place.Timeline == _place.Timeline)
            return;
        // A standby took over. Whether it has everything of this gateway is seen here; others see to theirs.
        var load = new BatchLoad(new BatchKeys(), Epoch);
        await using (var trip = new RoundTrip(connection).Ask(load.Writer, LoadSql.Writer, Bind.Id(_writer)))
            await trip.SendAsync(cancel).ConfigureAwait(false);
        await AcceptAsync(load, cancel).ConfigureAwait(false);
        await PostgresHistory.GoOnAsync(connection, place, Epoch, cancel).ConfigureAwait(false);
        _place = place;
    }

    /// <summary>A batch was opened: what it found of this writer settles what became of the one before.</summary>
    public async ValueTask AcceptAsync(BatchLoad load, CancellationToken cancel)
    {
        if (load.State is not { } state)
            await GiveUpAsync("does not know this gateway, which has written to it", announce: true, cancel).ConfigureAwait(false);
        else if (load.Epoch != Epoch)
            await GiveUpAsync("holds another history now, as another gateway has announced", announce: false, cancel).ConfigureAwait(false);
        else if (state.LastBatch != _confirmed && !(_unanswered && state.LastBatch == _confirmed + 1))
            await GiveUpAsync("lacks batches that this gateway has committed", announce: true, cancel).ConfigureAwait(false);
        _confirmed = load.State!.LastBatch;
        _unanswered = false;
        _lsnOpened = load.Lsn;
        marker.Note(Mark());
    }

    /// <summary>A batch is on its way.</summary>
    public void Sending() => _unanswered = true;

    /// <summary>It is there.</summary>
    public void Committed()
    {
        _confirmed++;
        _unanswered = false;
        _lsn = Math.Max(_lsn, _lsnOpened);
    }

    /// <summary>The end of this life.</summary>
    public ValueTask EndAsync() => _over is null ? marker.EndAsync(Mark()) : ValueTask.CompletedTask;

    private PostgresMark Mark() => new(start.Meta.StoreId, _writer, _confirmed, _lsn, time.GetUtcNow().ToUnixTimeMilliseconds());

    private async ValueTask GiveUpAsync(string why, bool announce, CancellationToken cancel)
    {
        if (announce)
            await call.RunAsync(options.AnswerTimeout, "announcing a new epoch", AnnounceAsync, cancel).ConfigureAwait(false);
        _over = why;
        Check();
    }

    private async ValueTask AnnounceAsync(CancellationToken cancel)
    {
        var connection = await sources.Upkeep.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var place = await PostgresPlace.ReadAsync(connection, options.AnswerTimeout, cancel).ConfigureAwait(false);
            await PostgresHistory.AnnounceAsync(connection, place, Epoch, time.GetUtcNow(), cancel).ConfigureAwait(false);
        }
    }
}
