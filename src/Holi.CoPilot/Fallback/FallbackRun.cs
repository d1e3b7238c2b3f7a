using Holi.CoPilot.Cache;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Privacy;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Fallback;

/// <summary>
/// Asks providers in their order until one has written a note, each for its share of the time; a provider that already answered this very request is not asked again,
/// unless the caller wants it. When all have failed, what any of them wrote earlier for the same request is used. One run, used once.
/// </summary>
internal sealed class FallbackRun(
    IReadOnlyList<Provider> order, NoteRequest request, NoteBudget budget, PrivacyPolicy policy, CoPilotOptions options, NoteCache cache, TimeProvider time,
    Action<NoteUpdate> tell, Action<AttemptResult> onResult)
{
    private readonly List<Task<AttemptResult>> _running = [];
    private AttemptResult? _partial;
    private int _next;

    /// <summary>A note, or part of one, or null.</summary>
    /// <param name="until">When the time for providers is over, by their clock.</param>
    /// <param name="cancel">Nobody waits any more.</param>
    public async Task<AttemptResult?> RunAsync(TimeSpan until, CancellationToken cancel)
    {
        using var losers = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            while (_next < order.Count || _running.Count > 0)
            {
                if (_running.Count == 0)
                    Start(until, isHedge: false, losers.Token);
                if (!await HasEndedAsync(losers.Token).ConfigureAwait(false))
                {
                    Start(until, isHedge: true, losers.Token);
                    continue;
                }
                if (await TakeAsync(cancel).ConfigureAwait(false) is { IsNote: true } note)
                    return note;
            }
        }
        finally
        {
            await losers.CancelAsync().ConfigureAwait(false);
            // They end at once, and each of them without an exception.
            foreach (var lost in await Task.WhenAll(_running).ConfigureAwait(false))
                onResult(lost);
        }
        return await FindCachedAsync(cancel).ConfigureAwait(false) ?? _partial;
    }

    private void Start(TimeSpan until, bool isHedge, CancellationToken cancel)
    {
        var provider = order[_next++];
        var now = provider.Now;
        var share = TimeShares.ForNext(until - now, order.Count - _next);
        _running.Add(AttemptAsync(provider, now + share, isLast: _next == order.Count, isHedge, cancel));
    }

    // True once one of those that run has ended; false when it is time to ask another one as well.
    private async Task<bool> HasEndedAsync(CancellationToken cancel)
    {
        if (options.HedgeAfter is not { } wait || _next == order.Count)
        {
            await Task.WhenAny(_running).ConfigureAwait(false);
            return true;
        }
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var hedge = Task.Delay(wait, time, rest.Token);
        var first = await Task.WhenAny([hedge, .. _running]).ConfigureAwait(false);
        await rest.CancelAsync().ConfigureAwait(false);
        return first != hedge;
    }

    private async Task<AttemptResult> TakeAsync(CancellationToken cancel)
    {
        var ended = await Task.WhenAny(_running).ConfigureAwait(false);
        _running.Remove(ended);
        var result = await ended.ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        onResult(result);
        if (result.Written is { PartialUpTo: { } upTo } && upTo > (_partial?.Written?.PartialUpTo ?? -1))
            _partial = result;
        return result;
    }

    private async Task<AttemptResult> AttemptAsync(Provider provider, TimeSpan until, bool isLast, bool isHedge, CancellationToken cancel)
    {
        var startedAt = provider.Now;
        ProviderAttempt? attempt = null;
        try
        {
            if (!request.Fresh && await CachedAsync(provider, cancel).ConfigureAwait(false) is { } cached)
                return cached;
            if (until <= startedAt)
                throw new ProviderFailedException(ProviderFailure.NoTime);
            var model = await ModelAsync(provider, until, time, cancel).ConfigureAwait(false);
            // Only one at a time is told of: two that write the same note would be no note.
            attempt = new ProviderAttempt(
                provider, request, budget, options.Limits, ProviderOrder.Redacts(provider.Options.Place, policy), isHedge ? static _ => { } : tell);
            var written = await attempt.WriteAsync(model, until, isLast, cancel).ConfigureAwait(false);
            return new AttemptResult(provider, "written", provider.Now - startedAt) { Written = written };
        }
        catch (ProviderFailedException e)
        {
            attempt?.Discard();
            return new AttemptResult(provider, e.Message, provider.Now - startedAt) { Written = attempt?.Partial() };
        }
        catch (OperationCanceledException)
        {
            attempt?.Discard();
            return new AttemptResult(provider, FailureRules.Word(ProviderFailure.Outrun), provider.Now - startedAt);
        }
    }

    // Asking for it takes of the provider's time, like everything else.
    private static async Task<string> ModelAsync(Provider provider, TimeSpan until, TimeProvider time, CancellationToken cancel)
    {
        using var share = new CancellationTokenSource(until - provider.Now is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(share.Token, cancel);
        try
        {
            return await provider.ModelAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ProviderFailedException(ProviderFailure.Timeout);
        }
    }

    private async Task<AttemptResult?> FindCachedAsync(CancellationToken cancel)
    {
        // Without the wish for a fresh one, each was looked for before its provider was asked.
        foreach (var provider in request.Fresh ? order : [])
        {
            if (await CachedAsync(provider, cancel).ConfigureAwait(false) is { } cached)
                return cached;
        }
        return null;
    }

    private async Task<AttemptResult?> CachedAsync(Provider provider, CancellationToken cancel)
    {
        if (provider.State.Model is not { } model)
            return null;
        var key = NoteKey.Of(request, provider.Options.Name, model, ProviderOrder.Redacts(provider.Options.Place, policy));
        return await cache.FindAsync(key, cancel).ConfigureAwait(false) is { } note
            ? new AttemptResult(provider, "cached", TimeSpan.Zero) { Cached = note }
            : null;
    }
}
