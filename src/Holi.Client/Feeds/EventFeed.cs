using Holi.Client.Feeds;
using Holi.Client.Shell;

namespace Holi.Client;

/// <summary>
/// The events of all topics, as they are stored on this device: each once, each topic in order, topics interleaved as they come. For one
/// reader; make another feed for another. Memory is bounded however far the reader is behind.
/// </summary>
public sealed class EventFeed : IAsyncEnumerable<ConversationEvent>
{
    private readonly SharedStore _store;
    private readonly TopicDirectory _topics;
    private readonly Dictionary<string, (ulong Epoch, ulong Offset)> _read;
    private readonly Lock _lock = new();
    private int _readers;

    internal EventFeed(SharedStore store, TopicDirectory topics, FeedPosition after) => (_store, _topics, _read) = (store, topics, after.Copy());

    /// <summary>
    /// Behind the last event that the reader asked to go on from: take it after the loop's body has dealt with an event and it is
    /// exact. The event at hand is included.
    /// </summary>
    public FeedPosition Position
    {
        get
        {
            lock (_lock)
                return new FeedPosition(new(_read, StringComparer.Ordinal));
        }
    }

    /// <summary>Begins to read, or goes on after an earlier enumeration that was left.</summary>
    /// <exception cref="InvalidOperationException">Another enumeration is under way.</exception>
    public async IAsyncEnumerator<ConversationEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _readers, 1) == 1)
            throw new InvalidOperationException("An event feed has one reader at a time.");
        var tap = _topics.Open(topic: null);
        try
        {
            var isBehind = true;
            do
            {
                isBehind |= tap.Restart();
                if (isBehind)
                {
                    foreach (var view in _topics.All.OrderBy(v => v.Name, StringComparer.Ordinal))
                    {
                        await foreach (var happened in CatchUpAsync(view, cancellationToken).ConfigureAwait(false))
                            yield return happened;
                    }
                    isBehind = false;
                }
                while (tap.TryTake(out var batch))
                {
                    var (epoch, offset) = PositionIn(batch.Topic.Name, batch.Topic.Epoch);
                    foreach (var stored in batch.Events)
                    {
                        if (stored.Offset <= offset)
                            continue;
                        Advance(batch.Topic.Name, epoch, stored.Offset);
                        yield return new ConversationEvent(stored, epoch);
                    }
                }
            }
            while (await tap.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _topics.Remove(topic: null, tap);
            Volatile.Write(ref _readers, 0);
        }
    }

    private async IAsyncEnumerable<ConversationEvent> CatchUpAsync(
        TopicView view, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var more = true; more;)
        {
            var (epoch, offset) = PositionIn(view.Name, view.Epoch);
            if (view.Cursor <= offset)
                yield break;
            var page = await _store.ReadEventsAsync(disk => disk.ReadEvents(view.Name, offset, TopicEvents.PageEvents), cancellation).ConfigureAwait(false);
            foreach (var stored in page)
            {
                Advance(view.Name, epoch, stored.Offset);
                yield return new ConversationEvent(stored, epoch);
            }
            more = page.Count == TopicEvents.PageEvents;
        }
    }

    // A position of another epoch is one in a history that is no more: it begins again.
    private (ulong Epoch, ulong Offset) PositionIn(string topic, ulong epoch)
    {
        lock (_lock)
        {
            var read = _read.GetValueOrDefault(topic);
            return read.Epoch == epoch ? read : (epoch, 0);
        }
    }

    private void Advance(string topic, ulong epoch, ulong offset)
    {
        lock (_lock)
            _read[topic] = (epoch, offset);
    }
}
