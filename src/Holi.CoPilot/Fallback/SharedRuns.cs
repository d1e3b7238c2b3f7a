namespace Holi.CoPilot.Fallback;

/// <summary>Runs by what they write: who asks for the same while it is being written, waits for the same. Thread-safe.</summary>
internal sealed class SharedRuns(int runsMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, NoteRun> _runs = [];

    /// <summary>How many are being written.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _runs.Count;
        }
    }

    /// <summary>
    /// The run for <paramref name="key"/>, joined or new; null where there is no room for a new one. <see cref="Leave"/> must follow.
    /// </summary>
    /// <param name="key">What is written.</param>
    /// <param name="make">Makes a run, without starting it.</param>
    /// <param name="isNew">It must be started.</param>
    public NoteRun? Join(string key, Func<NoteRun> make, out bool isNew)
    {
        lock (_lock)
        {
            isNew = !_runs.TryGetValue(key, out var run);
            if (isNew && _runs.Count >= runsMax)
                return null;
            if (isNew)
                _runs[key] = run = make();
            run!.Waiting++;
            return run;
        }
    }

    /// <summary>One does not wait any more. The last one ends the run, if it has not ended by itself.</summary>
    public void Leave(NoteRun run)
    {
        lock (_lock)
        {
            if (--run.Waiting > 0)
                return;
            Forget(run);
        }
        run.Abandon();
    }

    /// <summary>It is about to end: whoever asks from now on finds its note in the cache, or begins anew. Nobody joins a run that has ended.</summary>
    public void Ended(NoteRun run)
    {
        lock (_lock)
            Forget(run);
    }

    private void Forget(NoteRun run)
    {
        if (_runs.TryGetValue(run.Key, out var known) && known == run)
            _runs.Remove(run.Key);
    }
}
