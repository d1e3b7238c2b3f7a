using System.Diagnostics.CodeAnalysis;

namespace Holi.Gateway.Topics;

/// <summary>What is to be read: the topic's events after an offset.</summary>
/// <param name="Topic">Whose.</param>
/// <param name="After">Its head when the hole was taken.</param>
/// <param name="Expected">How far its log reaches, as was known then.</param>
public readonly record struct Hole(HubTopic Topic, ulong After, ulong Expected = 0);

/// <summary>
/// Topics whose log is ahead of what was published here, each waiting once. Bounded by the topics that are known. Under the hub's lock.
/// </summary>
internal sealed class Holes
{
    private readonly Queue<HubTopic> _waiting = new();

    /// <summary>Called under the hub's lock when there is one more to take; must take no lock and return at once.</summary>
    public Action? Found { get; set; }

    /// <summary>Somebody says that the topic's log reaches to <paramref name="head"/>.</summary>
    public void Expect(HubTopic topic, ulong head)
    {
        if (head > topic.Expected)
            topic.Expected = head;
        Look(topic);
    }

    /// <summary>Puts the topic in the queue if it has a hole.</summary>
    public void Look(HubTopic topic)
    {
        if (topic.IsAsked || topic.Expected <= topic.Head)
            return;
        topic.IsAsked = true;
        _waiting.Enqueue(topic);
        Found?.Invoke();
    }

    /// <summary>Takes the next that still has a hole.</summary>
    public bool TryTake([NotNullWhen(true)] out HubTopic? topic)
    {
        while (_waiting.TryDequeue(out topic))
        {
            // Filled by news that came meanwhile, or known by nobody any more.
            if (topic.Expected > topic.Head && topic.KnownBy > 0)
                return true;
            topic.IsAsked = false;
        }
        return false;
    }
}
