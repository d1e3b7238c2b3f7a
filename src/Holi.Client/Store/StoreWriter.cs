using Microsoft.Data.Sqlite;

namespace Holi.Client.Store;

/// <summary>
/// The one who writes. A transaction changes drafts of the state and of the topics; only its commit publishes them, so what failed leaves
/// no trace in memory either.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    // Free pages that stay in the file for the next commands, and how many are given back per transaction beyond that.
    private const int FreePagesKept = 1_024;
    private const int FreePagesReturned = 128;

    private readonly StoreConnection _connection;
    private readonly SealedRows _rows;
    private readonly OutboxWriter _outbox;
    private readonly ReplicaWriter _replica;
    private readonly DamageLog _damage;
    private readonly StoreMark _mark;
    private readonly byte[] _header;
    private readonly Statement _begin, _commit, _putState, _freePages, _vacuum;
    private volatile StoreSnapshot _published;
    private byte[]? _sealedState;
    private ulong _lastAttempt;
    private long _trimmed;

    public StoreWriter(StoreConnection connection, SealedRows rows, StoreHeader header, StoreSnapshot loaded, StoreMark mark, DamageLog damage)
    {
        _connection = connection;
        _rows = rows;
        _mark = mark;
        _damage = damage;
        _header = header.ToBytes();
        _published = loaded;
        _lastAttempt = loaded.State.Commits;
        _outbox = new OutboxWriter(connection, rows);
        _replica = new ReplicaWriter(connection, rows);
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _putState = connection.Prepare(StoreTable.Put);
        _freePages = connection.Prepare("PRAGMA freelist_count");
        _vacuum = connection.Prepare($"PRAGMA incremental_vacuum({FreePagesReturned})");
        _trimmed = _outbox.FirstStoredRow(none: loaded.State.NextRow);
    }

    /// <summary>What the last commit left. May be read from any thread.</summary>
    public StoreSnapshot Published => _published;

    /// <summary>Commits all or throws: <see cref="SqliteException"/> or <see cref="ArgumentException"/>.</summary>
    public void Write(IReadOnlyList<StoreWrite> writes)
    {
        _connection.SettleLog();
        if (writes is [Sync] && _sealedState is not null)
        {
            // No transaction, so nothing that could need space.
            _connection.SyncLog();
            _mark.Write(_header, _sealedState);
            return;
        }
        var before = _published;
        var draft = new Draft(before.State.Clone(), new ReplicaDraft(before.Topics));
        // A failed attempt's number is not used again: were its pages ever found in a damaged log, they could not pass for a later one's.
        draft.State.Commits = ++_lastAttempt;
        long trimmed;
        // FAST, as otherwise, leaves what lay on a freed page; an erased payload must not stay there.
        var erases = writes.Any(write => write is EraseEvent);
        _connection.Synchronize(syncs: writes.Any(write => write.NeedsSync));
        if (erases)
            _connection.Execute("PRAGMA secure_delete = ON");
        try
        {
            _begin.Run();
            foreach (var write in writes)
                Apply(draft, write);
            _replica.Flush(draft.Replica, draft.State.Commits);
            trimmed = _outbox.Trim(_trimmed, before.State.FirstRow, all: erases);
            GiveBackPages();
            var sealedState = StoreTable.PutState(_putState, draft.State, _rows);
            _commit.Run();
            _sealedState = sealedState;
        }
        catch (Exception failure)
        {
            if (failure is SqliteException failed)
                _connection.Failed(failed);
            _connection.RollBack();
            throw;
        }
        finally
        {
            if (erases)
                _connection.Execute("PRAGMA secure_delete = FAST");
        }
        _trimmed = trimmed;
        _published = new StoreSnapshot(draft.State, draft.Replica.Done());
        // The mark must never be ahead of the database, not after a power cut either.
        if (_connection.Synchronizes)
            _mark.Write(_header, _sealedState);
        Settle(draft);
    }

    public void CapPages(int pages) => _connection.Execute($"PRAGMA max_page_count = {pages}");

    public void Dispose()
    {
        _connection.Checkpoint();
        _outbox.Dispose();
        _replica.Dispose();
        foreach (var statement in new[] { _begin, _commit, _putState, _freePages, _vacuum })
            statement.Dispose();
        _rows.Dispose();
        _connection.Dispose();
    }

    private void Apply(Draft draft, StoreWrite write)
    {
        var state = draft.State;
        switch (write)
        {
            case QueueCommand queue:
                _outbox.Queue(state, queue.Command);
                break;
            case RewriteCommand rewrite:
                if (!_outbox.TryRewrite(state, rewrite.Seq, rewrite.Payload, out var damaged))
                {
                    _damage.LoseRows([damaged]);
                    throw new DeviceStoreException(DeviceStoreFailure.Damaged, "A queued command cannot be read back: see the store's damage.");
                }
                break;
            case RaiseSendFloor raise:
                if (raise.Seq > state.LastAssigned)
                    throw new ArgumentException($"Only {state.LastAssigned} commands were assigned: {raise.Seq} cannot have been sent.");
                state.SendFloor = Math.Max(state.SendFloor, raise.Seq);
                break;
            case ReserveOpenings reserve:
                state.Openings = Math.Max(state.Openings, reserve.Through);
                break;
            case DropCommitted drop:
                _outbox.Drop(state, drop);
                break;
            case StartGeneration start:
                _outbox.Renumber(state, start.Generation, draft.HolesClosed ? [] : _damage.LostRows);
                draft.HolesClosed = true;
                break;
            case PutTopic put:
                _replica.Put(draft.Replica, state, put.Topic);
                break;
            case AppendEvents append:
                _replica.Append(draft.Replica, state.Commits, append);
                break;
            case AddHistory history:
                _replica.AddHistory(draft.Replica, state.Commits, history);
                break;
            case EraseEvent erase:
                if (!_replica.TryErase(draft.Replica, state.Commits, erase))
                    draft.DamagedTopics.Add(erase.Topic);
                break;
            case MarkComplete complete:
                ReplicaWriter.MarkComplete(draft.Replica, complete);
                break;
            case Sync:
                break;
            default:
                throw new ArgumentException($"Unknown write {write.GetType().Name}.");
        }
    }

    // Incremental, so that a drained outbox's space returns to the device in steps that nobody notices.
    private void GiveBackPages()
    {
        var free = _freePages.Step() ? _freePages.Number(0) : 0;
        _freePages.Reset();
        if (free > FreePagesKept)
            _vacuum.Run();
    }

    // After the commit: what it mended is no damage any more, and what it erased leaves the log too.
    private void Settle(Draft draft)
    {
        foreach (var topic in draft.Replica.Emptied)
            _damage.MendTopic(topic);
        foreach (var topic in draft.DamagedTopics)
            _damage.LoseTopic(topic);
        if (draft.HolesClosed)
            _damage.CloseHoles();
        if (draft.Replica.Erased)
            _connection.Checkpoint();
    }

    private sealed class Draft(StoreState state, ReplicaDraft replica)
    {
        public StoreState State { get; } = state;

        public ReplicaDraft Replica { get; } = replica;

        public bool HolesClosed { get; set; }

        public List<string> DamagedTopics { get; } = [];
    }
}
