using System.Diagnostics.CodeAnalysis;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Fallback;

/// <summary>
/// One request that is being written, for all who asked for it at the same time. Whoever goes away does not take it from the others; when nobody waits any more, it is
/// cancelled. Thread-safe.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Without a timer or a wait handle there is nothing in the source to be disposed of, and whoever leaves last cannot know who still looks at it.")]
internal sealed class NoteRun(string key, TimeSpan until, int updatesMax)
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly List<NoteUpdate> _updates = [];
    private readonly List<NoteAttempt> _attempts = [];
    private readonly TaskCompletionSource<RunResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Key => key;

    /// <summary>When its time for providers is over.</summary>
    public TimeSpan Until => until;

    /// <summary>How many wait. Owned by <see cref="SharedRuns"/>.</summary>
    public int Waiting { get; set; }

    public Task<RunResult> Result => _result.Task;

    /// <summary>Ends when nobody waits any more.</summary>
    public CancellationToken Abandoned => _cancel.Token;

    /// <summary>What was tried so far. Who is still being asked, did not answer in time.</summary>
    /// <param name="elapsed">How long the caller has waited.</param>
    public IReadOnlyList<NoteAttempt> Attempts(TimeSpan elapsed)
    {
        lock (_lock)
        {
            var asked = _updates.Where(update => update.Kind == NoteUpdateKind.Asking).Select(update => update.Provider!).Distinct();
            var silent = asked.Where(name => _attempts.TrueForAll(attempt => attempt.Provider != name));
            return [.. _attempts, .. silent.Select(name => new NoteAttempt(name, FailureRules.Word(ProviderFailure.Timeout), elapsed))];
        }
    }

    public void Tell(NoteUpdate update)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            if (_updates.Count >= updatesMax)
                return;
            _updates.Add(update);
            (more, _more) = (_more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        more.SetResult();
    }

    public void Note(NoteAttempt attempt)
    {
        lock (_lock)
            _attempts.Add(attempt);
    }

    /// <summary>Updates from <paramref name="from"/> on, and what ends when there are more or none will come.</summary>
    public (IReadOnlyList<NoteUpdate> Updates, Task More) Updates(int from)
    {
        lock (_lock)
            return (_updates[from..], Task.WhenAny(_more.Task, _result.Task));
    }

    public void End(RunResult result) => _result.TrySetResult(result);

    public void Abandon() => _cancel.Cancel();
}

/// <summary>What a run came to.</summary>
/// <param name="Note">As it stands for all; null: no provider wrote one.</param>
internal sealed record RunResult(Note? Note);
