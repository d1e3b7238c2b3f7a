namespace Holi.CoPilot.Notes;

/// <summary>
/// Writes notes. Within the caller's budget there is always one: by whichever provider answers first in the configured order, else from the cache, else
/// a template that says so. Safe from any thread.
/// </summary>
public sealed class NoteWriter
{
    /// <summary>The note.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="budget">What may be spent. The note is there within its time.</param>
    /// <param name="cancel">The caller goes away: throws <see cref="OperationCanceledException"/>; others who asked the same still get their note.</param>
    /// <exception cref="ArgumentException">The request is not one: it has no segments, an unknown language, or more than the limits allow.</exception>
    public Task<Note> WriteAsync(NoteRequest request, NoteBudget budget, CancellationToken cancel = default) =>
        throw new NotSupportedException();

    /// <summary>As <see cref="WriteAsync"/>, telling statements as they are written; ends with the note.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="budget">What may be spent.</param>
    /// <param name="cancel">The caller goes away.</param>
    public IAsyncEnumerable<NoteUpdate> WatchAsync(NoteRequest request, NoteBudget budget, CancellationToken cancel = default) =>
        throw new NotSupportedException();
}
