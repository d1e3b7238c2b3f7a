using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Holi.Client.Store;

/// <summary>
/// A device's store in one SQLite file. Opened by <see cref="DeviceStoreFiles"/>.
/// <para>
/// Sealed (AES-256-GCM, or a checksum where the app chose no encryption): all of a command but its place in the queue (topic, type, payload, time),
/// all of an event but its offset, all of a topic (name, title, role, cursor), the state (generation, seqs, digest, openings).
/// In clear: the device's id, row numbers (so: how many commands there are and were, each event's offset and a number in place of its topic),
/// the size of each row, the length of each queued payload.
/// </para>
/// <para>One writer at a time, which is checked; reads from any thread, each on a connection of its own.</para>
/// </summary>
public sealed class SqliteDeviceStore : IDeviceStore
{
    private const int IdleReadersMax = 4;

    private readonly StorePaths _paths;
    private readonly StoreKeys _keys;
    private readonly StoreWriter _writer;
    private readonly StoreMark _mark;
    private readonly DamageLog _damage;
    private readonly string _device;
    private readonly ConcurrentBag<StoreReader> _readers = [];
    private int _writing;
    private volatile bool _disposed;

    internal SqliteDeviceStore(StorePaths paths, StoreKeys keys, StoreWriter writer, StoreMark mark, DamageLog damage, string device)
    {
        _paths = paths;
        _keys = keys;
        _writer = writer;
        _mark = mark;
        _damage = damage;
        _device = device;
    }

    /// <inheritdoc/>
    public StoreDamage Damage => _damage.Report(_writer.Published.State.Runs);

    /// <inheritdoc/>
    public DeviceIdentity ReadIdentity()
    {
        var state = _writer.Published.State;
        var generation = state.NeedsGeneration || _damage.Report(state.Runs).LostCommands.Count > 0 ? 0 : state.Generation;
        return new DeviceIdentity(_device, generation, state.LastAssigned, state.Known, state.Digest, state.SendFloor, state.Openings);
    }

    /// <inheritdoc/>
    public (long Count, long Bytes) ReadOutboxSize()
    {
        var state = _writer.Published.State;
        return ((long)(state.LastAssigned - state.Known) - _damage.Report(state.Runs).LostCommands.Count, state.QueuedBytes);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaTopic> ReadTopics() => [.. _writer.Published.Topics.Values.Select(row => row.Topic)];

    /// <inheritdoc/>
    public void Write(IReadOnlyList<StoreWrite> writes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (writes.Count == 0)
            return;
        if (Interlocked.Exchange(ref _writing, 1) == 1)
            throw new InvalidOperationException("The device store has one writer at a time; another Write is under way.");
        try
        {
            _writer.Write(writes);
        }
        catch (SqliteException failed)
        {
            throw Failure(failed);
        }
        catch (IOException failed)
        {
            throw StoreFailures.Of(failed, _paths.Folder);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<OutboxCommand> ReadOutbox(ulong after, int countMax, int bytesMax)
    {
        var lost = new List<long>();
        var runs = _writer.Published.State.Runs;
        var commands = Read(reader => reader.Outbox.Read(runs, after, countMax, bytesMax, lost));
        if (lost.Count > 0)
        {
            // What was committed and deleted while we read is not lost: it is not queued any more.
            var now = _writer.Published.State.Runs;
            _damage.LoseRows(lost.Where(row => now.TryFindRun(row, out _)));
        }
        return commands;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaEvent> ReadEvents(string topic, ulong after, int countMax)
    {
        var damaged = false;
        if (!_writer.Published.Topics.TryGetValue(topic, out var row) || countMax <= 0)
            return [];
        var events = Read(reader => reader.Replica.After(row, after, countMax, ref damaged));
        if (damaged)
            _damage.LoseTopic(topic);
        return events;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaEvent> ReadEventsBack(string topic, ulong before, int countMax)
    {
        var damaged = false;
        if (!_writer.Published.Topics.TryGetValue(topic, out var row) || countMax <= 0)
            return [];
        var events = Read(reader => reader.Replica.Before(row, before, countMax, ref damaged));
        if (damaged)
            _damage.LoseTopic(topic);
        return events;
    }

    /// <summary>Closes the file. Not while a read or write is under way.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        while (_readers.TryTake(out var reader))
            reader.Dispose();
        _writer.Dispose();
        _keys.Dispose();
        _mark.Dispose();
    }

    /// <summary>For tests: the file may not grow beyond so many pages, as on a full disk.</summary>
    internal void CapPages(int pages) => _writer.CapPages(pages);

    private T Read<T>(Func<StoreReader, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            if (!_readers.TryTake(out var reader))
                reader = new StoreReader(_paths.Database, _keys);
            try
            {
                return read(reader);
            }
            finally
            {
                if (_disposed || _readers.Count >= IdleReadersMax)
                    reader.Dispose();
                else
                    _readers.Add(reader);
            }
        }
        catch (SqliteException failed)
        {
            throw Failure(failed);
        }
    }

    private DeviceStoreException Failure(SqliteException failed)
    {
        if (StoreFailures.IsDamage(failed))
            _mark.Raise(StoreMark.Flag.Damaged);
        return StoreFailures.Of(failed, _paths.Folder);
    }
}
