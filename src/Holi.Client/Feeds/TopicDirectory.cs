using System.Collections.Concurrent;
using Holi.Client.Engine;

namespace Holi.Client.Feeds;

/// <summary>All topics as the app sees them, and who reads along. Written by the engine's loop; read from any thread.</summary>
internal sealed class TopicDirectory
{
    private readonly ConcurrentDictionary<string, TopicView> _views = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private EventTap[] _taps = [];
    private Dictionary<string, EventTap[]> _topicTaps = new(StringComparer.Ordinal);
    private bool _isClosed;

    public TopicDirectory(IReadOnlyList<ReplicaTopic> stored)
    {
        foreach (var topic in stored)
            View(topic.Name).Set(topic);
    }

    public ICollection<TopicView> All => _views.Values;

    public TopicView View(string name) => _views.GetOrAdd(name, static n => new TopicView(n));

    public TopicView? Find(string name) => _views.GetValueOrDefault(name);

    public void OnChanged(TopicChanged changed) => View(changed.Topic.Name).Set(changed);

    public void Forget(string topic) => _views.TryRemove(topic, out _);

    public void OnStored(TopicStored stored)
    {
        View(stored.Topic.Name).Set(stored.Topic);
        foreach (var tap in Volatile.Read(ref _taps))
            tap.Push(stored);
        if (Volatile.Read(ref _topicTaps).TryGetValue(stored.Topic.Name, out var taps))
        {
            foreach (var tap in taps)
                tap.Push(stored);
        }
    }

    /// <summary>Reads along with one topic, or with all (null).</summary>
    public EventTap Open(string? topic)
    {
        var tap = new EventTap();
        lock (_lock)
        {
            if (_isClosed)
                tap.Close();
            else if (topic is null)
                _taps = [.. _taps, tap];
            else
                _topicTaps = new(_topicTaps, StringComparer.Ordinal) { [topic] = [.. _topicTaps.GetValueOrDefault(topic, []), tap] };
        }
        return tap;
    }

    public void Remove(string? topic, EventTap tap)
    {
        lock (_lock)
        {
            if (topic is null)
            {
                _taps = [.. _taps.Where(t => t != tap)];
                return;
            }
            var left = _topicTaps.GetValueOrDefault(topic, []).Where(t => t != tap).ToArray();
            var next = new Dictionary<string, EventTap[]>(_topicTaps, StringComparer.Ordinal);
            if (left.Length > 0)
                next[topic] = left;
            else
                next.Remove(topic);
            _topicTaps = next;
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            foreach (var tap in _taps.Concat(_topicTaps.Values.SelectMany(t => t)))
                tap.Close();
        }
    }
}
