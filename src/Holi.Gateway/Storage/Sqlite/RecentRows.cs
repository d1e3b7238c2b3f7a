using Holi.Wire.Payloads;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// Rows that the last batches loaded, as they are on disk: who writes now will most likely write again, and asking SQLite for the same few rows
/// costs a small batch more than anything else but its sync. The writer's own, so it goes with the writer after a failure.
/// <para>Invariant: between batches each row here equals the one on disk. A batch changes the very objects; so those it was given are kept
/// again when it is committed and forgotten when it is not, and all are forgotten when another connection wrote.</para>
/// <para>Time must not tell whether a topic or a person exists (§8.8), so a hit must never depend on what the asker may not know: only a member
/// finds a topic here, and only a device's own person their topic. Nobody else's question is answered faster for being about a busy topic.</para>
/// </summary>
internal sealed class RecentRows
{
    // About 1 MB when full; beyond it SQLite's page cache is the next best.
    private const int Half = 1_024;
    // A batch walks all members of its topics: those of a large conversation are asked for one by one.
    private const int MembersMax = 32;

    private readonly Recent<DeviceKey, DeviceState> _devices = new(Half);
    private readonly Recent<TopicKey, TopicState> _topics = new(Half);

    public void Clear()
    {
        _devices.Clear();
        _topics.Clear();
    }

    /// <summary>Puts devices into the state, and those topics of which every member asked for is here, or that are such a device's own person's.</summary>
    public void Find(BatchKeys keys, BatchState state)
    {
        foreach (var key in keys.Devices)
        {
            if (_devices.Find(key) is { } device)
                state.Devices.Add(key, device);
            Put(new TopicKey(key.Tenant, TopicName.User(key.User)), state);
        }
        foreach (var (topic, user) in keys.Members)
        {
            if (_topics.Find(topic) is { } found && found.Members.ContainsKey(user))
                Put(topic, state);
        }
        // One that is asked about somebody who is not here is loaded as if it were not here either.
        foreach (var (topic, user) in keys.Members)
        {
            if (state.Topics.TryGetValue(topic, out var found) && !found.Members.ContainsKey(user))
                state.Topics.Remove(topic);
        }
    }

    /// <summary>What the batch wrote and saw is on disk.</summary>
    public void Keep(BatchState state)
    {
        foreach (var (key, device) in state.Devices)
        {
            device.Changed = false;
            _devices.Keep(key, device);
        }
        foreach (var (key, topic) in state.Topics)
        {
            topic.Changed = false;
            foreach (var member in topic.Members.Values)
                member.Changed = member.IsNew = false;
            if (topic.Members.Count <= MembersMax)
                _topics.Keep(key, topic);
            else
                _topics.Forget(key);
        }
    }

    /// <summary>The batch changed them, perhaps, and they are not on disk.</summary>
    public void Forget(BatchState state)
    {
        foreach (var key in state.Devices.Keys)
            _devices.Forget(key);
        foreach (var key in state.Topics.Keys)
            _topics.Forget(key);
    }

    private void Put(TopicKey key, BatchState state)
    {
        if (_topics.Find(key) is { } topic)
            state.Topics.TryAdd(key, topic);
    }
}
