using Holi.Gateway.Storage;
using Holi.Wire.Frames;

namespace Holi.Gateway.Tests.Storage;

/// <summary>What goes wrong with the next commit.</summary>
public enum CommitFault
{
    None,
    /// <summary>Nothing reaches the disk.</summary>
    Lost,
    /// <summary>It is on disk, but the answer never comes.</summary>
    AnswerLost,
    /// <summary>A bug.</summary>
    Bug,
}

/// <summary>A store in front of another one that fails as told.</summary>
public sealed class FaultyLogStore(ILogStore inner) : ILogStore
{
    public Queue<CommitFault> Faults { get; } = new();
    public int Begun { get; private set; }
    /// <summary>Called before each commit: lets a test hold a batch on its way.</summary>
    public Func<Task>? BeforeCommit { get; set; }

    public bool IsShared => inner.IsShared;

    public ValueTask OpenAsync(CancellationToken cancel) => inner.OpenAsync(cancel);

    public async ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel)
    {
        Begun++;
        return new Batch(this, await inner.BeginAsync(keys, cancel));
    }

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        inner.ReadEventsAsync(topicId, after, countMax, bytesMax, cancel);

    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel) =>
        inner.ReadEventsBackAsync(topicId, first, before, countMax, bytesMax, cancel);

    public ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel) =>
        inner.ReadMembershipsAsync(tenant, user, cancel);

    public ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel) =>
        inner.ReadMembershipAsync(tenant, user, topicName, cancel);

    public ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel) =>
        inner.ReadMembersAsync(topicId, cancel);

    public ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel) =>
        inner.ReadRefusalsAsync(deviceId, generation, after, through, cancel);

    public ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel) =>
        inner.FindCheckAsync(deviceId, generation, seq, cancel);

    public ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel) =>
        inner.ReadScheduledAsync(countMax, cancel);

    public ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        inner.ReadHeadsAsync(topicIds, cancel);

    public ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        inner.ReadFencesAsync(deviceIds, cancel);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Batch(FaultyLogStore store, ICommitBatch inner) : ICommitBatch
    {
        public BatchState State => inner.State;

        public async ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel)
        {
            if (store.BeforeCommit is { } before)
                await before();
            switch (store.Faults.TryDequeue(out var fault) ? fault : CommitFault.None)
            {
                case CommitFault.Lost:
                    throw new StoreUnavailableException("lost");
                case CommitFault.Bug:
                    throw new InvalidOperationException("bug");
                case CommitFault.AnswerLost:
                    await inner.CommitAsync(writes, cancel);
                    throw new StoreUnavailableException("answer lost");
                default:
                    await inner.CommitAsync(writes, cancel);
                    break;
            }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
