namespace Holi.Client.Shell;

/// <summary>What one turn of a loop came to.</summary>
internal enum TurnEnd
{
    /// <summary>There may be more to do.</summary>
    Worked,
    /// <summary>There was nothing to do.</summary>
    Idle,
    /// <summary>There will be no further turn.</summary>
    Over,
}

/// <summary>
/// A loop without a thread: whoever has posted something turns it, unless somebody is turning it already, who then looks again. So a
/// message goes from the socket through the engine without changing threads, and a quiet loop costs nothing.
/// <para>Invariants: never two turns at a time; after a <see cref="Wake"/> at least one turn begins.</para>
/// </summary>
internal sealed class SerialTurns(Func<TurnEnd> turn)
{
    // How many turns a thread makes that only wanted to post something.
    private const int TurnsMost = 16;

    private const int Idle = 0;
    private const int Turning = 1;
    private const int LookAgain = 2;

    private int _state;

    /// <summary>Something was posted. Threads that are not the pool's (a user interface) leave the turning to the pool.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _state, LookAgain) != Idle)
            return;
        if (Thread.CurrentThread.IsThreadPoolThread)
            TurnAll();
        else
            TurnElsewhere();
    }

    /// <summary>Runs the first step before any turn; what it brings about waits for it.</summary>
    public void Begin(Action first)
    {
        Volatile.Write(ref _state, Turning);
        first();
        TurnAll();
    }

    private void TurnAll()
    {
        for (var turns = 0; turns < TurnsMost; turns++)
        {
            Volatile.Write(ref _state, Turning);
            var end = turn();
            // Over, it stays taken: whoever wakes it from now on finds it so.
            if (end == TurnEnd.Over || (end == TurnEnd.Idle && Interlocked.CompareExchange(ref _state, Idle, Turning) == Turning))
                return;
        }
        TurnElsewhere();
    }

    private void TurnElsewhere() =>
        ThreadPool.UnsafeQueueUserWorkItem(static turns => turns.TurnAll(), this, preferLocal: false);
}
