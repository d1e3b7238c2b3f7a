using Holi.Client.Engine;

namespace Holi.Client.Feeds;

/// <summary>Which conversations somebody in the app watches, counted, with the newest snapshot of each.</summary>
internal sealed class PeopleDirectory
{
    private sealed class Watched
    {
        public Latest<IReadOnlyList<Person>> People { get; } = new([]);
        public int Watchers { get; set; }
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    /// <summary>One more watches. <paramref name="isFirst"/>: the gateway must be asked.</summary>
    public Latest<IReadOnlyList<Person>> Add(string topic, out bool isFirst)
    {
        lock (_lock)
        {
            if (!_watched.TryGetValue(topic, out var watched))
                _watched.Add(topic, watched = new Watched());
            isFirst = ++watched.Watchers == 1;
            return watched.People;
        }
    }

    /// <summary>One less. True where it was the last.</summary>
    public bool Remove(string topic)
    {
        lock (_lock)
            return _watched.TryGetValue(topic, out var watched) && --watched.Watchers == 0 && _watched.Remove(topic);
    }

    public void OnChanged(PeopleChanged changed)
    {
        lock (_lock)
        {
            if (_watched.TryGetValue(changed.Topic, out var watched))
                watched.People.Publish(changed.People);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            foreach (var watched in _watched.Values)
                watched.People.Complete();
        }
    }
}
