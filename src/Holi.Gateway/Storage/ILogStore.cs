using Holi.Gateway.Auth;
using Holi.Wire.Frames;

namespace Holi.Gateway.Storage;

/// <summary>
/// The log: topics, events, members, devices. One node on SQLite, several on Postgres, and the simulator's store all keep this contract:
/// what <see cref="ICommitBatch.CommitAsync"/> returned from is on disk, whole, and visible to every later read; what it did not return
/// from is there whole or not at all. Reads see committed data only and may run beside a batch.
/// Failures of the store are <see cref="StoreUnavailableException"/>: the outcome of a batch is then unknown, and the next
/// <see cref="BeginAsync"/> tells: <see cref="BatchState.LastBatch"/> has grown by one if that batch is on disk, and has not if it is not.
/// </summary>
public interface ILogStore : IAsyncDisposable
{
    /// <summary>True where other nodes write to it, too.</summary>
    bool IsShared => false;

    /// <summary>32 random bytes that lie in a shared log, known once it is open: with them nodes seal what they say to each other. Else empty.</summary>
    ReadOnlyMemory<byte> LineKey => default;

    /// <summary>Of the history that it held when it was opened; what other nodes say of another is not about it. 0 where nobody else writes to it.</summary>
    ulong Epoch => 0;

    /// <summary>Creates or upgrades the schema and checks that the store can be written durably.</summary>
    ValueTask OpenAsync(CancellationToken cancel);

    /// <summary>
    /// Opens the one writing transaction and loads what <paramref name="keys"/> name, locked against other nodes in one global order.
    /// Topics that do not exist are absent from the state. At most one batch is open per store object.
    /// </summary>
    ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel);

    /// <summary>Events with offset &gt; <paramref name="after"/>, ascending, until count or payload bytes would pass (at least one if there is one).</summary>
    ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel);

    /// <summary>The newest events with <paramref name="first"/> ≤ offset &lt; <paramref name="before"/>, returned ascending.</summary>
    ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel);

    /// <summary>Every topic that the user presently belongs to, their own included; their own first.</summary>
    ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel);

    /// <summary>One topic as the user's membership sees it; null where it is absent or not theirs.</summary>
    ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel);

    /// <summary>The present members of a topic, by member number.</summary>
    ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel);

    /// <summary>The refused commands with after &lt; seq ≤ through of a device's generation, ascending.</summary>
    ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel);

    /// <summary>The stored check (first 8 bytes) of a committed command; null where its effect left no row (a read mark).</summary>
    ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel);

    /// <summary>The scheduled publications that come due first, at most so many.</summary>
    ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel);

    /// <summary>
    /// How far each of these topics has come, in any order; a topic that does not exist is left out. How a node learns what it was not told
    /// of: cheap enough to be asked about all followed topics every second.
    /// </summary>
    ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel);

    /// <summary>The latest opening of each of these devices, as <see cref="ReadHeadsAsync"/>: who has an older one is fenced.</summary>
    ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel);

    /// <summary>
    /// How far all other nodes have come: the same text as before means that none of them has committed anything since. Null where that is not known.
    /// </summary>
    ValueTask<string?> ReadOthersAsync(CancellationToken cancel) => new((string?)null);

    /// <summary>Remembers a revoked token for all nodes until it expires; a log of one node leaves that to the node.</summary>
    ValueTask RevokeAsync(RevokedToken token, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <summary>Revoked tokens with a number &gt; <paramref name="after"/>, ascending. Whoever has read a number has read all before it.</summary>
    ValueTask<IReadOnlyList<(long Number, RevokedToken Token)>> ReadRevokedAsync(long after, int countMax, CancellationToken cancel) => new([]);
}

/// <summary>One open transaction with what it loaded. Disposing without commit rolls back.</summary>
public interface ICommitBatch : IAsyncDisposable
{
    /// <summary>The loaded state; the planner changes it as it goes, so that later inputs see the effects of earlier ones.</summary>
    BatchState State { get; }

    /// <summary>Writes and commits; returns once it is on disk.</summary>
    ValueTask CommitAsync(BatchWrites writes, CancellationToken cancel);
}

/// <summary>The store could not do it now; whether a batch in flight was committed is unknown. The message never contains content.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
