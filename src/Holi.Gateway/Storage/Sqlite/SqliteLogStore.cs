using Holi.Wire.Frames;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// The log on SQLite, for one gateway process: WAL, synchronous=FULL, one writing connection and a few that read beside it. All calls finish
/// on the caller's thread; a commit blocks it for the disk's sync.
/// </summary>
public sealed class SqliteLogStore : ILogStore
{
    private readonly SqliteOptions _options;
    private readonly TimeProvider _time;
    private readonly SqliteReaders _readers;
    private StoreMarker? _marker;
    private SqliteWriter? _writer;
    private StoreMark _mark;
    private long _markedAt;
    private ulong _epoch;
    private bool _batchOpen;
    private bool _isLogDoubtful;

    public SqliteLogStore(SqliteOptions options, TimeProvider time)
    {
        (_options, _time) = (options with { Path = Path.GetFullPath(options.Path) }, time);
        _readers = new SqliteReaders(_options);
    }

    /// <summary>What topics created now get; known once open.</summary>
    public ulong Epoch => _epoch;

    /// <summary>True where this start found another history than the last one left, and announced a new epoch: worth a warning.</summary>
    public bool WasRestored { get; private set; }

    /// <summary>The file that remembers how far the database had come.</summary>
    public static string MarkerPath(string path) => path + ".mark";

    public ValueTask OpenAsync(CancellationToken cancel)
    {
        try
        {
            Open();
            return ValueTask.CompletedTask;
        }
        catch (SqliteException failure)
        {
            throw SqliteFailure.Of(failure, "opening the log");
        }
        catch (IOException failure)
        {
            throw SqliteFailure.Of(failure, "opening the log");
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new StoreUnavailableException("The log's files may not be written", failure);
        }
    }

    public ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        if (_batchOpen)
            throw new InvalidOperationException("A batch is open.");
        try
        {
            _writer ??= SqliteWriter.Open(_options);
            SettleLog(_writer);
            var lastBatch = _writer.Begin();
            MarkIfDue(lastBatch);
            var state = new BatchState { Epoch = _epoch, LastBatch = lastBatch };
            _writer.Load.Load(keys, state);
            _writer.Publications.Load(keys, state);
            _batchOpen = true;
            return ValueTask.FromResult<ICommitBatch>(new SqliteBatch(this, _writer, state));
        }
        catch
        {
            BatchEnded(failed: true);
            throw;
        }
    }

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        await _readers.ReadAsync(
            (topicId, after, countMax, bytesMax),
            static (reader, q) => reader.Events(q.topicId, q.after, q.countMax, q.bytesMax),
            cancel).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel) =>
        await _readers.ReadAsync(
            (topicId, first, before, countMax, bytesMax),
            static (reader, q) => reader.EventsBack(q.topicId, q.first, q.before, q.countMax, q.bytesMax),
            cancel).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel) =>
        await _readers.ReadAsync(
            (tenant, user), static (reader, q) => reader.Memberships(q.tenant, q.user), cancel).ConfigureAwait(false);

    public ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel) =>
        _readers.ReadAsync(
            (tenant, user, topicName), static (reader, q) => reader.Membership(q.tenant, q.user, q.topicName), cancel);

    public async ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel) =>
        await _readers.ReadAsync(topicId, static (reader, id) => reader.Members(id), cancel).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel) =>
        await _readers.ReadAsync(
            (deviceId, generation, after, through),
            static (reader, q) => reader.Refusals(q.deviceId, q.generation, q.after, q.through),
            cancel).ConfigureAwait(false);

    public ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel) =>
        _readers.ReadAsync(
            (deviceId, generation, seq), static (reader, q) => reader.Check(q.deviceId, q.generation, q.seq), cancel);

    public ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel) =>
        _readers.ReadAsync(countMax, static (reader, count) => new ScheduledPublications(reader.Scheduled(count), null), cancel);

    public async ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        await _readers.ReadAsync(topicIds, static (reader, ids) => reader.Heads(ids), cancel).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        await _readers.ReadAsync(deviceIds, static (reader, ids) => reader.Fences(ids), cancel).ConfigureAwait(false);

    public ValueTask DisposeAsync()
    {
        _readers.Dispose();
        try
        {
            if (_writer is not null && _marker is not null)
            {
                MarkNow(_writer.Begin());
                _writer.Rollback(null);
            }
        }
        catch (StoreUnavailableException)
        {
            // The marker stays behind the database, which is the safe side.
        }
        _writer?.Dispose();
        _writer = null;
        _marker?.Dispose();
        _marker = null;
        return ValueTask.CompletedTask;
    }

    /// <summary>The open batch is over; after a failure the connection is, too.</summary>
    internal void BatchEnded(bool failed)
    {
        // Not for a failed beginning: it wrote nothing.
        _isLogDoubtful |= failed && _batchOpen;
        _batchOpen = false;
        if (!failed)
            return;
        _writer?.Dispose();
        _writer = null;
    }

    private void Open()
    {
        var folder = Path.GetDirectoryName(_options.Path)!;
        UnixFiles.MakeFolder(folder);
        var marker = StoreMarker.Open(MarkerPath(_options.Path));
        SqliteConnection? connection = null;
        try
        {
            UnixFiles.MakeFile(_options.Path);
            connection = Connections.OpenWriter(_options);
            Migrations.Apply(connection);
            (_mark, _epoch, WasRestored) = Incarnation.Begin(
                connection, marker.Found, UnixFiles.Identity(_options.Path), _options.Restored, _time.GetUtcNow().ToUnixTimeSeconds());
            marker.Write(_mark);
            UnixFiles.SyncFolder(folder);
            (_marker, _markedAt) = (marker, _time.GetTimestamp());
            _writer = new SqliteWriter(connection);
        }
        catch
        {
            connection?.Dispose();
            marker.Dispose();
            throw;
        }
    }

    // What failed may have been the fsync of a commit that stands whole in the WAL. The system may drop what it could not write and says so only once,
    // so no later fsync makes it safe: it is written into the database anew, and the WAL begins again from its start.
    private void SettleLog(SqliteWriter writer)
    {
        if (!_isLogDoubtful)
            return;
        writer.Checkpoint();
        _isLogDoubtful = false;
    }

    // Called inside the writing transaction, before anything of the next batch: what the marker says is on disk by then.
    private void MarkIfDue(ulong lastBatch)
    {
        if (lastBatch == _mark.LastBatch)
            return;
        if (lastBatch - _mark.LastBatch >= (ulong)_options.MarkerBatches || _time.GetElapsedTime(_markedAt) >= _options.MarkerInterval)
            MarkNow(lastBatch);
    }

    private void MarkNow(ulong lastBatch)
    {
        _mark = _mark with { LastBatch = lastBatch };
        _marker!.Write(_mark);
        _markedAt = _time.GetTimestamp();
    }
}
