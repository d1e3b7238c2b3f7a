using Holi.Client;

namespace Holi.EndToEnd.Peers;

/// <summary>Every snapshot of a conversation's people that an app was shown.</summary>
internal sealed class PeopleLog : IAsyncDisposable
{
    private readonly PeopleWatch _watch;
    private readonly List<IReadOnlyList<Person>> _snapshots = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;

    public PeopleLog(PeopleWatch watch)
    {
        _watch = watch;
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>All that was shown of one person so far.</summary>
    public IReadOnlyList<Person> Of(string user)
    {
        lock (_snapshots)
            return [.. _snapshots.SelectMany(people => people.Where(person => person.User == user))];
    }

    public Person? Now(string user) => _watch.People.FirstOrDefault(person => person.User == user);

    /// <summary>Waits until the person is shown so.</summary>
    public Task ShowsAsync(string user, Func<Person, bool> condition, string otherwise) =>
        Eventually.HoldsAsync(() => Now(user) is { } person && condition(person), () => $"{otherwise}: {Now(user)}");

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        await _watch.DisposeAsync();
        _ending.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var people in _watch.WatchAsync(_ending.Token))
            {
                lock (_snapshots)
                    _snapshots.Add(people);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }
    }
}
