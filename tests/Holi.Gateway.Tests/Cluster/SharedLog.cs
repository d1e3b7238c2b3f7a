using Holi.Gateway.Storage;
using Holi.Wire.Frames;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>A log in memory that several gateways of one process may use at a time: one batch, or one read, after the other.</summary>
internal sealed class SharedLog(ILogStore log) : ILogStore
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _refused;

    /// <summary>While true every read fails.</summary>
    public bool IsAway { get; set; }

    /// <summary>Reads that failed.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public ReadOnlyMemory<byte> LineKey { get; init; } = new byte[32];

    public ValueTask OpenAsync(CancellationToken cancel) => log.OpenAsync(cancel);

    public async ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        return new Batch(this, await log.BeginAsync(keys, cancel));
    }

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadEventsAsync(topicId, after, countMax, bytesMax, cancel));

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadEventsBackAsync(topicId, first, before, countMax, bytesMax, cancel));

    public ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadMembershipsAsync(tenant, user, cancel));

    public ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadMembershipAsync(tenant, user, topicName, cancel));

    public ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadMembersAsync(topicId, cancel));

    public ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadRefusalsAsync(deviceId, generation, after, through, cancel));

    public ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel) =>
        InTurnAsync(() => log.FindCheckAsync(deviceId, generation, seq, cancel));

    public ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadHeadsAsync(topicIds, cancel));

    public ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadFencesAsync(deviceIds, cancel));

    public ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel) =>
        InTurnAsync(() => log.ReadScheduledAsync(countMax, cancel));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<T> InTurnAsync<T>(Func<ValueTask<T>> read)
    {
        await _turn.WaitAsync();
        try
        {
            if (!IsAway)
                return await read();
            Interlocked.Increment(ref _refused);
            throw new StoreUnavailableException("away");
        }
        finally
        {
            _turn.Release();
        }
    }

    private sealed class Batch(SharedLog log, ICommitBatch inner) : ICommitBatch
    {
        public BatchState State => inner.State;

        public ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel) => inner.CommitAsync(writes, cancel);

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            log._turn.Release();
        }
    }
}
