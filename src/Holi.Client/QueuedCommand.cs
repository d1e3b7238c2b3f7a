namespace Holi.Client;

/// <summary>
/// A command that is durable on this device: it will be sent, once and in order, whatever happens to the app, the network or the gateway.
/// Holding it costs nothing; the client keeps nothing for it until <see cref="Committed"/> is asked for. Thread-safe.
/// </summary>
public sealed class QueuedCommand
{
    private readonly CommitWaiters _waiters;

    internal QueuedCommand(ulong number, CommitWaiters waiters) => (Number, _waiters) = (number, waiters);

    /// <summary>
    /// Orders the commands of this device since the client was started. Read marks that were joined share one number.
    /// </summary>
    public ulong Number { get; }

    /// <summary>True once the gateway has answered: committed or refused.</summary>
    public bool IsAnswered => Number <= _waiters.Through;

    /// <summary>
    /// Completes when the gateway has the command on disk. Fails with <see cref="CommandRefusedException"/> where it was refused, and
    /// with <see cref="ObjectDisposedException"/> where the client ends first: the command stays queued and is sent next time.
    /// The app may wait for days; cancel with <see cref="Task.WaitAsync(CancellationToken)"/>.
    /// </summary>
    public Task Committed => _waiters.WaitAsync(Number);
}
