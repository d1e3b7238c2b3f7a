using System.Diagnostics.CodeAnalysis;

namespace Holi.Gateway.Connections;

/// <summary>Follows that wait for something, first in first out. Empty, as it nearly always is, it holds nothing.</summary>
internal struct FollowQueue
{
    private Queue<Follow>? _queue;

    public readonly int Count => _queue?.Count ?? 0;

    public void Enqueue(Follow follow) => (_queue ??= new Queue<Follow>()).Enqueue(follow);

    public readonly bool TryPeek([NotNullWhen(true)] out Follow? follow)
    {
        follow = null;
        return _queue?.TryPeek(out follow) ?? false;
    }

    public bool TryDequeue([NotNullWhen(true)] out Follow? follow)
    {
        follow = null;
        if (_queue is null)
            return false;
        follow = _queue.Dequeue();
        if (_queue.Count == 0)
            _queue = null;
        return true;
    }
}
