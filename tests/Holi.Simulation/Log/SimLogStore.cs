using Holi.Gateway.Storage;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Simulation.Log;

/// <summary>The log of one life of the gateway. Batches take virtual time; reads are answered at once, and their askers add the time.</summary>
internal class SimLogStore(Run run, LogDisk disk, SimProcess process) : ILogStore
{
    private readonly Dictionary<DeviceKey, LogDevice> _remembered = [];
    private ulong? _lostAnswerOf;
    private bool _batchOpen;

    public virtual bool IsShared => false;

    public virtual ulong Epoch => 0;

    public virtual ReadOnlyMemory<byte> LineKey => default;

    /// <summary>A batch is on disk, or may be, and nobody was told.</summary>
    public bool Unanswered { get; protected set; }

    protected LogDisk Disk => disk;

    public ValueTask OpenAsync(CancellationToken cancel) => ValueTask.CompletedTask;

    public virtual async ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        if (_batchOpen)
            throw new InvalidOperationException("A batch is open.");
        if (run.Disk.SlowUntil > run.Time.Now)
            await After(disk.Delay()).ConfigureAwait(false);
        if (disk.IsAway)
            throw Fail("away");
        _batchOpen = true;
        var state = disk.Data.Load(keys);
        if (run.Bug == PlantedBug.InMemoryDedup)
            Remember(state);
        if (state.Decided.Count > 0)
            run.Saw(Sight.CommandAgainDeduplicated);
        if (_lostAnswerOf is { } batch)
            run.Saw(batch == state.LastBatch ? Sight.LostAnswerWasOnDisk : Sight.LostAnswerWasNotOnDisk);
        _lostAnswerOf = null;
        return new Batch(this, state);
    }

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        Read<IReadOnlyList<StoredEvent>>(d => d.Events(topicId, after, countMax, bytesMax));

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel) =>
        Read<IReadOnlyList<StoredEvent>>(d => d.EventsBack(topicId, first, before, countMax, bytesMax));

    public ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel) =>
        Read<IReadOnlyList<Membership>>(d => d.Memberships(tenant, user));

    public ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel) =>
        Read(d => d.Membership(tenant, user, topicName));

    public ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel) =>
        Read<IReadOnlyList<StoredMember>>(d => d.Members(topicId));

    public ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel) =>
        Read<IReadOnlyList<Refusal>>(d => d.Refusals(deviceId, generation, after, through));

    public ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel) =>
        Read<long?>(d => d.ByIdentity.TryGetValue(new(deviceId, generation, seq), out var e) ? e.Stored.Check : null);

    public ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel) =>
        Read(d => new ScheduledPublications(d.Scheduled(countMax), null));

    public ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        Read<IReadOnlyList<(long, ulong)>>(d => d.Heads(topicIds));

    public ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        Read<IReadOnlyList<(long, ulong)>>(d => d.Fences(deviceIds));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected virtual ValueTask<T> Read<T>(Func<LogData, T> read) =>
        disk.IsAway ? throw Fail("away") : ValueTask.FromResult(read(disk.Data));

    protected StoreUnavailableException Fail(string how)
    {
        disk.Failed();
        return new StoreUnavailableException(how);
    }

    // Bug: how far each device is committed is known to the process alone.
    private void Remember(BatchState state)
    {
        state.Decided.Clear();
        foreach (var device in state.Devices.Values)
        {
            var known = _remembered.GetValueOrDefault(device.Key);
            (device.Generation, device.Committed, device.Digest) = known is null
                ? (device.Generation, 0, default)
                : (known.Generation, known.Committed, known.Digest);
        }
    }

    private Task After(TimeSpan delay)
    {
        var done = new TaskCompletionSource();
        process.After(delay, done.SetResult);
        return done.Task;
    }

    private async ValueTask CommitAsync(BatchState state, BatchWrites writes)
    {
        disk.Data.Number(state);
        if (run.Bug == PlantedBug.InMemoryDedup)
        {
            foreach (var d in state.Devices.Values)
                _remembered[d.Key] = new LogDevice(d.DeviceId, d.Key, d.Generation, d.Committed, d.Digest, d.Fence, d.Opening);
        }
        disk.Write(state, writes);
        if (run.Bug == PlantedBug.AckBeforeCommit)
        {
            disk.SyncLate(disk.Delay() * 10, process);
            return;
        }
        await After(disk.Delay()).ConfigureAwait(false);
        if (disk.FailCommits > 0 || disk.IsAway)
        {
            disk.FailCommits = Math.Max(0, disk.FailCommits - 1);
            disk.Forget();
            _lostAnswerOf = state.LastBatch + 1;
            throw Fail("not written");
        }
        disk.Sync();
        Unanswered = true;
        await After(disk.Delay()).ConfigureAwait(false);
        Unanswered = false;
        if (disk.LoseAnswers > 0)
        {
            disk.LoseAnswers--;
            _lostAnswerOf = state.LastBatch + 1;
            throw Fail("answer lost");
        }
        disk.Worked();
    }

    private sealed class Batch(SimLogStore store, BatchState state) : ICommitBatch
    {
        public BatchState State => state;

        public ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel) => store.CommitAsync(state, writes);

        public ValueTask DisposeAsync()
        {
            store._batchOpen = false;
            return ValueTask.CompletedTask;
        }
    }
}
