using System.Runtime.CompilerServices;

namespace Holi.Client.Feeds;

/// <summary>
/// A value that changes, and those who watch it. Watchers see the newest value, not every one: a slow one costs nobody anything.
/// Thread-safe; published by one owner.
/// </summary>
internal sealed class Latest<T>(T first)
{
    private sealed class Link(T value)
    {
        public T Value { get; } = value;
        public TaskCompletionSource<bool> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private volatile Link _now = new(first);

    public T Value => _now.Value;

    public void Publish(T value)
    {
        var old = _now;
        _now = new Link(value);
        old.Next.TrySetResult(true);
    }

    /// <summary>No value will follow: watchers end after the last.</summary>
    public void Complete() => _now.Next.TrySetResult(false);

    /// <summary>The value now, then each newest one.</summary>
    public async IAsyncEnumerable<T> Watch([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var seen = _now; ; seen = _now)
        {
            yield return seen.Value;
            if (!await seen.Next.Task.WaitAsync(cancellation).ConfigureAwait(false))
                yield break;
        }
    }
}
