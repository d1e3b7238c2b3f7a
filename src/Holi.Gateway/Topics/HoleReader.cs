using Holi.Gateway.Connections.Sockets;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>
/// Reads from the log what the hub was not told of, a page at a time, and again for as long as that fails. On readers of its own: a
/// thousand devices that catch up must not keep a live topic waiting.
/// </summary>
internal sealed class HoleReader
{
    private readonly TopicHub _hub;
    private readonly ILogStore _store;
    private readonly GatewayLimits _limits;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly StoreReads _reads;
    private readonly Func<Task> _readNext;
    private readonly DeliveryMeter? _meter;
    private long _events;

    public HoleReader(
        TopicHub hub, ILogStore store, GatewayLimits limits, TimeProvider time, CancellationToken stopping, DeliveryMeter? meter = null)
    {
        (_hub, _store, _limits, _time, _stopping, _meter) = (hub, store, limits, time, stopping, meter);
        _reads = new StoreReads(limits.HoleReads);
        _readNext = ReadNextAsync;
        hub.HoleFound = () => _reads.Add(_readNext);
    }

    /// <summary>Events that were read because nobody had told of them in time.</summary>
    public long Events => Volatile.Read(ref _events);

    private async Task ReadNextAsync()
    {
        if (!_hub.TryTakeHole(out var hole))
            return;
        try
        {
            var page = await _store
                .ReadEventsAsync(hole.Topic.TopicId, hole.After, _limits.PageEvents, _limits.PageBytes, _stopping)
                .ConfigureAwait(false);
            var repaired = _hub.Fill(hole, page);
            Interlocked.Add(ref _events, repaired);
            _meter?.Repaired(repaired);
        }
        catch (StoreUnavailableException)
        {
            await WaitAsync().ConfigureAwait(false);
            _hub.PutBack(hole);
        }
        catch (OperationCanceledException)
        {
            // The gateway ends; so does every follower.
        }
    }

    private async Task WaitAsync()
    {
        try
        {
            await Task.Delay(_limits.HoleRetryDelay, _time, _stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
