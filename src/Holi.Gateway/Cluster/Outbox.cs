using System.Threading.Channels;
using Holi.Gateway.Commit;

namespace Holi.Gateway.Cluster;

/// <summary>A message that is ready.</summary>
internal sealed record ReadyMessage(LineName Name, byte[] Bytes);

/// <summary>
/// What is to be told to other gateways, in order, bounded by count and bytes. What finds no room is dropped and counted: the others find it in the log.
/// The committer's loop adds here and must not wait. Thread-safe; one reader, which goes on in whoever adds where all is <c>inOneThread</c>.
/// </summary>
internal sealed class Outbox(ClusterLimits limits, bool inOneThread = false)
{
    // What an item costs besides its payloads, generously.
    private const int ItemBytes = 256;

    // Bounded by the counts below, which know of bytes, too.
    private readonly Channel<(object Item, int Bytes)> _items =
        Channel.CreateUnbounded<(object, int)>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = inOneThread });

    private int _count;
    private long _bytes, _dropped;

    /// <summary>Waiting now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Dropped since the beginning.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>A batch, if it says something to others.</summary>
    public void Add(BatchOutcome outcome)
    {
        if (outcome.Appended.Count == 0 && outcome.Positions.Count == 0 && outcome.Opened.Count == 0)
            return;
        // Openings, positions and the audit's rows are small, and as many as the batch has inputs.
        var bytes = ItemBytes * (1 + outcome.Opened.Count + outcome.Positions.Count + outcome.Audit.Count);
        foreach (var appended in outcome.Appended)
        {
            foreach (var stored in appended.Events)
                bytes += ItemBytes + stored.Payload.Length;
        }
        Add(outcome, bytes);
    }

    public bool Add(ReadyMessage message) => Add(message, ItemBytes + message.Bytes.Length);

    /// <summary>No more.</summary>
    public void Complete() => _items.Writer.TryComplete();

    /// <summary>The next item, a <see cref="BatchOutcome"/> or a <see cref="ReadyMessage"/>; null at the end.</summary>
    public async ValueTask<object?> TakeAsync()
    {
        if (!await _items.Reader.WaitToReadAsync().ConfigureAwait(false) || !_items.Reader.TryRead(out var next))
            return null;
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -next.Bytes);
        return next.Item;
    }

    private bool Add(object item, int bytes)
    {
        if (Volatile.Read(ref _count) >= limits.OutboxMax || Volatile.Read(ref _bytes) + bytes > limits.OutboxBytesMax)
        {
            Interlocked.Increment(ref _dropped);
            return false;
        }
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, bytes);
        return _items.Writer.TryWrite((item, bytes));
    }
}
