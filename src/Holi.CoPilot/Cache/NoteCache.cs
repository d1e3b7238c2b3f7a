using Holi.CoPilot.Notes;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;

namespace Holi.CoPilot.Cache;

/// <summary>
/// Notes that models wrote, sealed, in this process and, where there is one, in a cache that several share. It makes notes quicker and cheaper, and nothing depends on it:
/// what the shared one cannot do in <see cref="CoPilotLimits.CacheTimeout"/> it does not do. Templates never come in (lesson 11). Thread-safe.
/// </summary>
internal sealed class NoteCache : IDisposable
{
    private const string Prefix = "holi:note:";

    private readonly MemoryCache _near;
    private readonly IDistributedCache? _shared;
    private readonly SealedNotes _seals;
    private readonly CoPilotLimits _limits;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;

    /// <param name="key">32 bytes.</param>
    /// <param name="lifetime">How long a note may be handed out again.</param>
    /// <param name="shared">Null: this process alone.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="time">For the age of notes.</param>
    public NoteCache(byte[] key, TimeSpan lifetime, IDistributedCache? shared, CoPilotLimits limits, TimeProvider time)
    {
        (_seals, _lifetime, _shared, _limits, _time) = (new SealedNotes(key), lifetime, shared, limits, time);
        _near = new MemoryCache(new MemoryCacheOptions { SizeLimit = limits.CacheBytes });
    }

    /// <summary>The note that was written for <paramref name="key"/>, if there is one that is not too old. Never throws, but when cancelled.</summary>
    public async Task<Note?> FindAsync(string key, CancellationToken cancel)
    {
        if (_near.TryGetValue(key, out byte[]? box) && box is not null)
            return Fresh(_seals.Open(key, box));
        if (_shared is null || await FetchAsync(_shared, key, cancel).ConfigureAwait(false) is not { } fetched)
            return null;
        if (Fresh(_seals.Open(key, fetched)) is not { } note)
            return null;
        KeepNear(key, fetched);
        return note;
    }

    /// <summary>Keeps a note that a model wrote, for this process at once; null where it is too large.</summary>
    public KeptNote? Keep(string key, Note note)
    {
        if (note.Provenance.Source is not (NoteSource.Cloud or NoteSource.Local))
            throw new ArgumentException("Only what a model wrote is kept.", nameof(note));
        var box = _seals.Seal(key, note);
        if (box.Length > _limits.CachedNoteBytes)
            return null;
        KeepNear(key, box);
        return new KeptNote(() => ShareAsync(key, box));
    }

    public void Dispose() => _near.Dispose();

    private void KeepNear(string key, byte[] box) =>
        _near.Set(key, box, new MemoryCacheEntryOptions { Size = box.Length, AbsoluteExpirationRelativeToNow = _lifetime });

    private Note? Fresh(Note? note) => note is not null && _time.GetUtcNow() - note.Provenance.WrittenAt < _lifetime ? note : null;

    private async Task<byte[]?> FetchAsync(IDistributedCache shared, string key, CancellationToken cancel)
    {
        try
        {
            return await shared.GetAsync(Prefix + key, cancel).WaitAsync(_limits.CacheTimeout, _time, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is not OutOfMemoryException)
        {
            return null;
        }
    }

    private async Task ShareAsync(string key, byte[] box)
    {
        if (_shared is null)
            return;
        try
        {
            var options = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = _lifetime };
            await _shared.SetAsync(Prefix + key, box, options, CancellationToken.None).WaitAsync(_limits.CacheTimeout, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The note is written; the next one is only not quicker.
        }
    }
}

/// <summary>A note that is in this process's cache.</summary>
internal sealed class KeptNote(Func<Task> share)
{
    /// <summary>Puts it where others look for it. Never throws.</summary>
    public Task ShareAsync() => share();
}
