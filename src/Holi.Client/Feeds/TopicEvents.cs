using System.Runtime.CompilerServices;
using Holi.Client.Shell;

namespace Holi.Client.Feeds;

/// <summary>
/// One topic's events, first from the replica, then as they are stored. Holds a page at most. An event is yielded once and in order;
/// where history is reset it begins again with the new epoch.
/// </summary>
internal static class TopicEvents
{
    public const int PageEvents = 256;

    public static async IAsyncEnumerable<ConversationEvent> ReadAsync(
        SharedStore store, TopicDirectory topics, string topic, ulong after, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var tap = topics.Open(topic);
        try
        {
            var view = topics.View(topic);
            var epoch = view.Epoch;
            var isBehind = true;
            do
            {
                isBehind |= tap.Restart();
                // The tap was opened or restarted before the replica is read: what is stored meanwhile is in both, and passed over below.
                if (isBehind && view.Epoch != epoch)
                    (epoch, after) = (view.Epoch, epoch == 0 ? after : 0);
                while (isBehind)
                {
                    var from = after;
                    var page = await store.ReadEventsAsync(disk => disk.ReadEvents(topic, from, PageEvents), cancellation).ConfigureAwait(false);
                    foreach (var stored in page)
                    {
                        yield return new ConversationEvent(stored, epoch);
                        after = stored.Offset;
                    }
                    isBehind = page.Count == PageEvents;
                }
                while (tap.TryTake(out var batch))
                {
                    if (batch.Topic.Epoch != epoch)
                        (epoch, after) = (batch.Topic.Epoch, epoch == 0 ? after : 0);
                    foreach (var stored in batch.Events)
                    {
                        if (stored.Offset <= after)
                            continue;
                        yield return new ConversationEvent(stored, epoch);
                        after = stored.Offset;
                    }
                }
            }
            while (await tap.WaitAsync(cancellation).ConfigureAwait(false));
        }
        finally
        {
            topics.Remove(topic, tap);
        }
    }
}
