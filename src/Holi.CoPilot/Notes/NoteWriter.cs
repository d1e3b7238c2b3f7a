using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Holi.CoPilot.Cache;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Providers;
using Holi.CoPilot.Templates;
using Holi.CoPilot.Transcripts;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holi.CoPilot.Notes;

/// <summary>
/// Writes notes. Within the caller's budget there is always one: by whichever provider answers first in the configured order, else from the cache, else a template that
/// says so. Thread-safe.
/// </summary>
public sealed class NoteWriter : IAsyncDisposable
{
    private readonly CoPilotOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IReadOnlyList<Provider> _providers;
    private readonly NoteCache _cache;
    private readonly SharedRuns _runs;
    private readonly CoPilotMeter _meter;

    /// <param name="options">Checked where they were read.</param>
    /// <param name="time">The system's, except in tests.</param>
    /// <param name="random">For the jitter of retries.</param>
    /// <param name="shared">A cache that several processes share; null: this process alone.</param>
    /// <param name="log">For the operator; null: nowhere.</param>
    public NoteWriter(CoPilotOptions options, TimeProvider time, Random random, IDistributedCache? shared = null, ILogger? log = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time, _log) = (options, time, log ?? NullLogger.Instance);
        // What is shared must be read by others, so without a key of the operator's nothing is.
        var key = options.CacheKey ?? RandomNumberGenerator.GetBytes(SealedNotes.KeyBytes);
        _cache = new NoteCache(key, options.CacheLifetime, options.CacheKey is null ? null : shared, options.Limits, time);
        _providers = [.. options.Providers.Select(provider => new Provider(provider, options.Limits, time, random))];
        _runs = new SharedRuns(options.Limits.Runs);
        _meter = new CoPilotMeter(_runs);
    }

    /// <summary>The note.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="budget">What may be spent. The note is there within its time.</param>
    /// <param name="cancel">The caller goes away; others who asked the same still get their note.</param>
    /// <exception cref="NoteRequestException">The request is not one, or larger than the limits allow.</exception>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async Task<Note> WriteAsync(NoteRequest request, NoteBudget budget, CancellationToken cancel = default)
    {
        Note? note = null;
        await foreach (var update in WatchAsync(request, budget, cancel).ConfigureAwait(false))
            note = update.Note ?? note;
        return note!;
    }

    /// <summary>As <see cref="WriteAsync"/>, telling statements as they are written; the last update is the note.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="budget">What may be spent.</param>
    /// <param name="cancel">The caller goes away.</param>
    /// <exception cref="NoteRequestException">The request is not one; thrown here, before the first update is asked for.</exception>
    public IAsyncEnumerable<NoteUpdate> WatchAsync(NoteRequest request, NoteBudget budget, CancellationToken cancel = default)
    {
        RequestCheck.Check(request, budget, _options.Limits);
        return WatchCheckedAsync(request, budget, cancel);
    }

    /// <summary>How the providers fare.</summary>
    public CoPilotStatus Status() => new(_options.Route, _runs.Count, [.. _providers.Select(provider =>
    {
        var circuit = provider.Circuit.ToString();
        return new ProviderStatus(
            provider.Options.Name, provider.Options.Place, provider.State.Model, char.ToLowerInvariant(circuit[0]) + circuit[1..],
            provider.State.Last, provider.State.LastAt, provider.State.Answers, provider.State.Failures);
    })]);

    /// <summary>Looks whether the providers are there, each at most once in <see cref="CoPilotLimits.HealthInterval"/>. Costs no tokens; never throws.</summary>
    /// <param name="cancel">Nobody looks any more.</param>
    public Task CheckAsync(CancellationToken cancel = default) => Task.WhenAll(_providers.Select(provider => provider.CheckAsync(cancel)));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
            provider.Dispose();
        _cache.Dispose();
        _meter.Dispose();
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<NoteUpdate> WatchCheckedAsync(NoteRequest request, NoteBudget budget, [EnumeratorCancellation] CancellationToken cancel)
    {
        var startedAt = Now;
        var (until, waitUntil) = (startedAt + TimeShares.ForProviders(budget.Time), startedAt + TimeShares.ForWaiting(budget.Time));
        IReadOnlyList<NoteAttempt> attempts = [];
        var order = ProviderOrder.Of(
            _providers, provider => provider.Options.Place, _options.Route, _options.PolicyOf(request.Tenant), request.LocalOnly);
        var mayRun = order.Count > 0;
        var key = mayRun ? RunKey(request, budget, order) : "";
        NoteUpdate? shown = null;
        while (mayRun)
        {
            if (_runs.Join(key, () => new NoteRun(key, until, _options.Limits.RunUpdates), out var isNew) is not { } run)
            {
                attempts = [new NoteAttempt(order[0].Options.Name, "busy", TimeSpan.Zero)];
                break;
            }
            try
            {
                if (isNew)
                    Start(run, request, budget, order);
                await foreach (var update in UpdatesAsync(run, waitUntil, cancel).ConfigureAwait(false))
                {
                    shown = update.Kind == NoteUpdateKind.Discarded ? null : update.Statement is null ? shown : update;
                    yield return update;
                }
                var elapsed = Now - startedAt;
                attempts = run.Attempts(elapsed);
                if (run.Result is { IsCompletedSuccessfully: true, Result.Note: { } note })
                {
                    yield return Handed(note, attempts, elapsed);
                    yield break;
                }
                // Whoever began it had less time than there is here: what failed for want of time is tried again.
                mayRun = !isNew && run.Until < until && Now < until;
            }
            finally
            {
                _runs.Leave(run);
            }
        }
        // The time ended while somebody was still writing.
        if (shown is not null)
            yield return new NoteUpdate(NoteUpdateKind.Discarded, shown.Provider);
        var template = TemplateNote.Of(request, _time.GetUtcNow(), Now - startedAt, attempts);
        _meter.Count(template);
        yield return new NoteUpdate(NoteUpdateKind.Note, Note: template);
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private NoteUpdate Handed(Note note, IReadOnlyList<NoteAttempt> attempts, TimeSpan elapsed)
    {
        var provenance = note.Provenance with { Age = _time.GetUtcNow() - note.Provenance.WrittenAt, Latency = elapsed, Attempts = attempts };
        var handed = note with { Provenance = provenance };
        _meter.Count(handed);
        return new NoteUpdate(NoteUpdateKind.Note, provenance.Provider, Note: handed);
    }

    // Until the run has ended, or the caller's time.
    private async IAsyncEnumerable<NoteUpdate> UpdatesAsync(NoteRun run, TimeSpan waitUntil, [EnumeratorCancellation] CancellationToken cancel)
    {
        var told = 0;
        using var limit = new CancellationTokenSource(Max(waitUntil - Now, TimeSpan.Zero), _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        while (true)
        {
            var (updates, more) = run.Updates(told);
            foreach (var update in updates)
                yield return update;
            told += updates.Count;
            if (updates.Count > 0)
                continue;
            if (run.Result.IsCompleted)
                yield break;
            try
            {
                await more.WaitAsync(both.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                yield break;
            }
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // What must be equal for two callers to wait for one run: the request, whom it goes to, and how much may be written.
    private static string RunKey(NoteRequest request, NoteBudget budget, IReadOnlyList<Provider> order) => NoteKey.Of(
        request, string.Join('\n', order.Select(provider => provider.Options.Name)),
        string.Create(CultureInfo.InvariantCulture, $"{request.Fresh}\n{budget.OutputTokens}"), isRedacted: false);

    private void Start(NoteRun run, NoteRequest request, NoteBudget budget, IReadOnlyList<Provider> order) =>
        // Of its own: whoever began it may go away.
        _ = Task.Run(() => RunAsync(run, request, budget, order), CancellationToken.None);

    private async Task RunAsync(NoteRun run, NoteRequest request, NoteBudget budget, IReadOnlyList<Provider> order)
    {
        try
        {
            var policy = _options.PolicyOf(request.Tenant);
            var fallback = new FallbackRun(order, request, budget, policy, _options, _cache, _time, run.Tell, result => OnResult(run, result));
            var found = await fallback.RunAsync(run.Until, run.Abandoned).ConfigureAwait(false);
            var note = found is null ? null : NoteOfResult.Of(request, found, _time.GetUtcNow());
            // Here at once, so that whoever asks next finds it; where others look for it, when everybody who waits has it.
            var kept = note is not null && found is { Written: { PartialUpTo: null } written } ? Keep(request, found.Provider, written, note) : null;
            _runs.Ended(run);
            run.End(new RunResult(note));
            if (kept is not null)
                await kept.ShareAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits any more.
        }
        // Whatever it is, callers get their template; the exception's own words may repeat what was said.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            CoPilotLog.Broken(_log, e.GetType().Name);
        }
        finally
        {
            _runs.Ended(run);
            run.End(new RunResult(null));
        }
    }

    private KeptNote? Keep(NoteRequest request, Provider provider, Written written, Note note)
    {
        // Under the model that was asked for: by that the next request looks for it.
        var model = provider.State.Model ?? written.Model;
        return _cache.Keep(NoteKey.Of(request, provider.Options.Name, model, written.Redaction is not null), note);
    }

    private void OnResult(NoteRun run, AttemptResult result)
    {
        run.Note(result.Attempt);
        _meter.Count(result);
        if (result.Cached is not null)
            return;
        var isNote = result.IsNote;
        result.Provider.State.Note(result.Outcome, result.Outcome == FailureRules.Word(ProviderFailure.Outrun) ? null : isNote, _time.GetUtcNow());
        if (!isNote)
            CoPilotLog.NotWritten(_log, result.Provider.Options.Name, result.Outcome, (long)result.Elapsed.TotalMilliseconds);
    }
}
