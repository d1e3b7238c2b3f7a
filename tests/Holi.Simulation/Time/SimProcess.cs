namespace Holi.Simulation.Time;

/// <summary>
/// One life of a process. What it asked to happen later does not happen once it was killed, and waits, in order, while it is stopped
/// (SIGSTOP, an app in the background).
/// </summary>
public sealed class SimProcess(VirtualTime time)
{
    private readonly Queue<Action> _waiting = new();

    public bool IsAlive { get; private set; } = true;

    public bool IsStopped { get; private set; }

    public void After(TimeSpan delay, Action action) => time.After(delay, () => Run(action));

    /// <summary>Now, or when it goes on.</summary>
    public void Run(Action action)
    {
        if (!IsAlive)
            return;
        if (IsStopped)
            _waiting.Enqueue(action);
        else
            action();
    }

    public void Kill()
    {
        IsAlive = false;
        _waiting.Clear();
    }

    public void Stop() => IsStopped = true;

    public void Continue()
    {
        IsStopped = false;
        while (IsAlive && !IsStopped && _waiting.TryDequeue(out var action))
            action();
    }
}
