using Holi.CoPilot.Notes;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Holi.CoPilot.Cache;

/// <summary>
/// Notes that models wrote, sealed, in this process and, where there is one, in a cache that several share. It makes notes quicker and cheaper, and nothing depends on it:
/// what it cannot do in <see cref="CoPilotLimits.CacheTimeout"/> it does not do. Templates never come in (lesson 11). Thread-safe.
/// </summary>
internal sealed class NoteCache : IDisposable
{
    private const string Prefix = "holi:note:";

    private static readonly HybridCacheEntryOptions ReadOnly = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData | HybridCacheEntryFlags.DisableDistributedCacheWrite };

    private readonly ServiceProvider _parts;
    private readonly HybridCache _cache;
    private readonly SealedNotes _seals;
    private readonly CoPilotLimits _limits;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly HybridCacheEntryOptions _write;

    /// <param name="key">32 bytes.</param>
    /// <param name="lifetime">How long a note may be handed out again.</param>
    /// <param name="shared">Null: this process alone.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="time">For the age of notes.</param>
    public NoteCache(byte[] key, TimeSpan lifetime, IDistributedCache? shared, CoPilotLimits limits, TimeProvider time)
    {
        (_seals, _lifetime, _limits, _time) = (new SealedNotes(key), lifetime, limits, time);
        _write = new HybridCacheEntryOptions { Expiration = lifetime, LocalCacheExpiration = lifetime };
        var parts = new ServiceCollection();
        parts.AddMemoryCache(options => options.SizeLimit = limits.CacheBytes);
        if (shared is not null)
            parts.AddSingleton(shared);
        parts.AddHybridCache(options => options.MaximumPayloadBytes = limits.CachedNoteBytes);
        _parts = parts.BuildServiceProvider();
        _cache = _parts.GetRequiredService<HybridCache>();
    }

    /// <summary>The note that was written for <paramref name="key"/>, if there is one that is not too old. Never throws, but when cancelled.</summary>
    public async Task<Note?> FindAsync(string key, CancellationToken cancel)
    {
        try
        {
            var box = await _cache.GetOrCreateAsync(Prefix + key, static _ => ValueTask.FromResult<byte[]?>(null), ReadOnly, cancellationToken: cancel)
                .AsTask().WaitAsync(_limits.CacheTimeout, _time, cancel).ConfigureAwait(false);
            var note = box is null ? null : _seals.Open(key, box);
            return note is not null && _time.GetUtcNow() - note.Provenance.WrittenAt < _lifetime ? note : null;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Keeps a note that a model wrote. Never throws.</summary>
    public async Task KeepAsync(string key, Note note)
    {
        if (note.Provenance.Source is not (NoteSource.Cloud or NoteSource.Local))
            throw new ArgumentException("Only what a model wrote is kept.", nameof(note));
        var box = _seals.Seal(key, note);
        if (box.Length > _limits.CachedNoteBytes)
            return;
        try
        {
            await _cache.SetAsync(Prefix + key, box, _write, cancellationToken: CancellationToken.None)
                .AsTask().WaitAsync(_limits.CacheTimeout, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The note is written; the next one is only not quicker.
        }
    }

    public void Dispose() => _parts.Dispose();
}
