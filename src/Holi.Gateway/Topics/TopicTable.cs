using System.Runtime.InteropServices;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>The topics that connections know, by the log's key and by number. Under the hub's lock.</summary>
internal sealed class TopicTable
{
    private readonly Dictionary<long, HubTopic> _byId = [];
    private readonly TopicNumbers _numbers = new();
    // By number; numbers are small and dense. Holes where a number is free.
    private readonly List<HubTopic?> _byNumber = [];

    public int Count => _byId.Count;

    public Dictionary<long, HubTopic>.ValueCollection All => _byId.Values;

    public HubTopic? Find(long topicId) => _byId.GetValueOrDefault(topicId);

    /// <summary>Where walks by number end.</summary>
    public int NumbersEnd => _byNumber.Count;

    /// <summary>The topic of a number; null where it has none that is followed still.</summary>
    public HubTopic? ByNumber(int number) => _byNumber[number];

    public HubTopic Add(Membership membership, string tenant)
    {
        var topic = new HubTopic(
            membership.TopicId, new TopicKey(tenant, membership.Name), _numbers.Take(), membership.Epoch, membership.Head);
        _byId.Add(topic.TopicId, topic);
        var number = (int)topic.Number;
        if (number >= _byNumber.Count)
            CollectionsMarshal.SetCount(_byNumber, number + 1);
        _byNumber[number] = topic;
        return topic;
    }

    /// <summary>Nobody knows it any more.</summary>
    public void Remove(HubTopic topic)
    {
        Disown(topic);
        _numbers.GiveBack(topic.Number);
    }

    /// <summary>Another will stand for the same topic of the log. The number stays taken while connections know it.</summary>
    public void Disown(HubTopic topic)
    {
        if (_byId.TryGetValue(topic.TopicId, out var found) && found == topic)
            _byId.Remove(topic.TopicId);
        _byNumber[(int)topic.Number] = null;
    }
}
