using Holi.Client.Feeds;

namespace Holi.Client;

/// <summary>
/// Who is in a conversation, online, typing, and how far they have received and read; kept up to date by the gateway while this lives, over
/// all connections. Dispose of it to end watching. Thread-safe.
/// </summary>
public sealed class PeopleWatch : IAsyncDisposable
{
    private readonly Latest<IReadOnlyList<Person>> _people;
    private readonly Func<ValueTask> _end;
    private int _isDisposed;

    internal PeopleWatch(Latest<IReadOnlyList<Person>> people, Func<ValueTask> end) => (_people, _end) = (people, end);

    /// <summary>As of now; empty until the gateway has answered. Without a connection nobody is shown online.</summary>
    public IReadOnlyList<Person> People => _people.Value;

    /// <summary>The people now, then each newest snapshot.</summary>
    public IAsyncEnumerable<IReadOnlyList<Person>> WatchAsync(CancellationToken cancellation = default) => _people.Watch(cancellation);

    /// <summary>Ends watching.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _isDisposed, 1) == 0 ? _end() : ValueTask.CompletedTask;
}
