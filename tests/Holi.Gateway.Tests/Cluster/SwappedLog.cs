using Holi.Gateway.Storage;
using Holi.Wire.Frames;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>A log in whose place another one may be put while it is used.</summary>
internal sealed class SwappedLog : ILogStore
{
    public required ILogStore Now { get; set; }

    public ReadOnlyMemory<byte> LineKey => Now.LineKey;

    public ValueTask OpenAsync(CancellationToken cancel) => Now.OpenAsync(cancel);
    public ValueTask<ICommitBatch> BeginAsync(BatchKeys keys, CancellationToken cancel) => Now.BeginAsync(keys, cancel);
    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsAsync(long topicId, ulong after, int countMax, int bytesMax, CancellationToken cancel) =>
        Now.ReadEventsAsync(topicId, after, countMax, bytesMax, cancel);
    public ValueTask<IReadOnlyList<StoredEvent>> ReadEventsBackAsync(
        long topicId, ulong first, ulong before, int countMax, int bytesMax, CancellationToken cancel) =>
        Now.ReadEventsBackAsync(topicId, first, before, countMax, bytesMax, cancel);
    public ValueTask<IReadOnlyList<Membership>> ReadMembershipsAsync(string tenant, string user, CancellationToken cancel) =>
        Now.ReadMembershipsAsync(tenant, user, cancel);
    public ValueTask<Membership?> ReadMembershipAsync(string tenant, string user, string topicName, CancellationToken cancel) =>
        Now.ReadMembershipAsync(tenant, user, topicName, cancel);
    public ValueTask<IReadOnlyList<StoredMember>> ReadMembersAsync(long topicId, CancellationToken cancel) => Now.ReadMembersAsync(topicId, cancel);
    public ValueTask<IReadOnlyList<Refusal>> ReadRefusalsAsync(
        long deviceId, uint generation, ulong after, ulong through, CancellationToken cancel) =>
        Now.ReadRefusalsAsync(deviceId, generation, after, through, cancel);
    public ValueTask<long?> FindCheckAsync(long deviceId, uint generation, ulong seq, CancellationToken cancel) =>
        Now.FindCheckAsync(deviceId, generation, seq, cancel);
    public ValueTask<IReadOnlyList<(long TopicId, ulong Head)>> ReadHeadsAsync(IReadOnlyList<long> topicIds, CancellationToken cancel) =>
        Now.ReadHeadsAsync(topicIds, cancel);
    public ValueTask<IReadOnlyList<(long DeviceId, ulong Fence)>> ReadFencesAsync(IReadOnlyList<long> deviceIds, CancellationToken cancel) =>
        Now.ReadFencesAsync(deviceIds, cancel);
    public ValueTask<ScheduledPublications> ReadScheduledAsync(int countMax, CancellationToken cancel) =>
        Now.ReadScheduledAsync(countMax, cancel);
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
