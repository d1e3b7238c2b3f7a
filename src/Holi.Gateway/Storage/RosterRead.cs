namespace Holi.Gateway.Storage;

/// <summary>A topic's present members, and how far the log had come by then: the roster says nothing of what is beyond <paramref name="Head"/>.</summary>
public sealed record RosterRead(IReadOnlyList<StoredMember> Members, ulong Head)
{
    /// <summary>Reads both, the head last: whatever the members show was written by then.</summary>
    public static async ValueTask<RosterRead> ReadAsync(ILogStore store, long topicId, CancellationToken cancel)
    {
        var members = await store.ReadMembersAsync(topicId, cancel).ConfigureAwait(false);
        var heads = await store.ReadHeadsAsync([topicId], cancel).ConfigureAwait(false);
        return new RosterRead(members, heads.Count > 0 ? heads[0].Head : 0);
    }
}
