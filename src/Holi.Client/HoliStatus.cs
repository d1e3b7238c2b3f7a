using System.ComponentModel;
using Holi.Client.Feeds;

namespace Holi.Client;

/// <summary>
/// The client's status, to be looked at, bound to, or watched. Thread-safe. <see cref="PropertyChanged"/> is raised on a pool thread, for
/// the newest status: one that came and went in between may be skipped.
/// </summary>
public sealed class HoliStatus : INotifyPropertyChanged
{
    private readonly Latest<ClientStatus> _latest;
    private readonly Lock _lock = new();
    private PropertyChangedEventHandler? _handlers;
    private bool _isPumping;

    internal HoliStatus(ClientStatus first) => _latest = new(first);

    /// <summary>All of it, as of one moment.</summary>
    public ClientStatus Current => _latest.Value;

    /// <inheritdoc cref="ClientStatus.State"/>
    public ConnectionState State => Current.State;

    /// <inheritdoc cref="ClientStatus.QueuedCommands"/>
    public long QueuedCommands => Current.QueuedCommands;

    /// <inheritdoc cref="ClientStatus.QueuedBytes"/>
    public long QueuedBytes => Current.QueuedBytes;

    /// <inheritdoc cref="ClientStatus.LastError"/>
    public ClientError? LastError => Current.LastError;

    /// <inheritdoc cref="ClientStatus.NextRetryAt"/>
    public DateTimeOffset? NextRetryAt => Current.NextRetryAt;

    /// <inheritdoc cref="ClientStatus.Since"/>
    public DateTimeOffset Since => Current.Since;

    /// <summary>The status now, then each newest one, until the client is disposed of.</summary>
    public IAsyncEnumerable<ClientStatus> WatchAsync(CancellationToken cancellation = default) => _latest.Watch(cancellation);

    /// <inheritdoc/>
    public event PropertyChangedEventHandler? PropertyChanged
    {
        add
        {
            lock (_lock)
            {
                _handlers += value;
                if (_isPumping)
                    return;
                _isPumping = true;
            }
            _ = PumpAsync();
        }
        remove
        {
            lock (_lock)
                _handlers -= value;
        }
    }

    internal void Publish(ClientStatus status) => _latest.Publish(status);

    internal void Complete() => _latest.Complete();

    // A handler of the app's never runs on the engine's loop.
    private async Task PumpAsync()
    {
        // From what the subscriber could see when it subscribed.
        var before = Current;
        await Task.Yield();
        await foreach (var now in _latest.Watch().ConfigureAwait(false))
        {
            Raise(before.State != now.State, nameof(State));
            Raise(before.QueuedCommands != now.QueuedCommands, nameof(QueuedCommands));
            Raise(before.QueuedBytes != now.QueuedBytes, nameof(QueuedBytes));
            Raise(before.LastError != now.LastError, nameof(LastError));
            Raise(before.NextRetryAt != now.NextRetryAt, nameof(NextRetryAt));
            Raise(before.Since != now.Since, nameof(Since));
            Raise(before != now, nameof(Current));
            before = now;
        }
    }

    private void Raise(bool changed, string property)
    {
        PropertyChangedEventHandler? handlers;
        lock (_lock)
            handlers = _handlers;
        try
        {
            if (changed)
                handlers?.Invoke(this, new PropertyChangedEventArgs(property));
        }
        catch (Exception theirs) when (theirs is not OutOfMemoryException)
        {
            // What a handler throws is its own affair; the next change is told all the same.
        }
    }
}
