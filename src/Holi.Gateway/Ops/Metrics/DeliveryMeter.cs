using System.Diagnostics.Metrics;
using Holi.Gateway.Connections;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>From the log to the sockets: how long live events take, what waits, what had to be fetched. Thread-safe.</summary>
public sealed class DeliveryMeter
{
    private static readonly KeyValuePair<string, object?>[] Lanes =
        [.. new[] { "control", "urgent", "interactive", "audio", "bulk" }.Select(lane => new KeyValuePair<string, object?>("holi.lane", lane))];

    private readonly Histogram<double> _duration;
    private long _events, _repaired;

    internal DeliveryMeter(HoliMeter meter)
    {
        _duration = meter.Duration(
            "holi.delivery.duration", "From an event's publication here to the message that carries it being handed to the socket; the oldest live event of each message.");
        meter.Total("holi.delivery.events", "{event}", "Live events handed to sockets.", () => Volatile.Read(ref _events));
        meter.Total("holi.delivery.repaired", "{event}", "Events read from the log because nobody had told of them.", () => Volatile.Read(ref _repaired));
    }

    /// <summary>True while somebody wants to know how long it takes.</summary>
    public bool IsTimed => _duration.Enabled;

    /// <summary>A message with so many live events is handed to its socket.</summary>
    public void Delivered(int events) => Interlocked.Add(ref _events, events);

    /// <summary>The oldest of them was published so long ago.</summary>
    public void Took(TimeSpan duration) => _duration.Record(duration.TotalSeconds);

    /// <summary>A gap was found by comparing with the log and filled from it.</summary>
    public void Repaired(int events) => Interlocked.Add(ref _repaired, events);

    internal static void Observe(HoliMeter meter, GatewayNode node)
    {
        meter.Levels("holi.lane.pending", "By", "Bytes waiting in the lanes of all connections.", () => Pending(node));
        meter.Level("holi.topic.count", "{topic}", "Topics that a connection here knows.", () => node.Around.Hub.Topics);
        meter.Level("holi.topic.tail.size", "By", "The newest events of topics, shared by those who follow.", () => node.Around.Hub.TailBytes);
        meter.Level("holi.presence.online", "{user}", "People with a connection here.", () => node.Around.People.Online);
        meter.Level("holi.log.reads.waiting", "{read}", "Reads of the log waiting for their turn.", () => node.Reads.Waiting);
    }

    private static Measurement<long>[] Pending(GatewayNode node)
    {
        var bytes = new long[Lanes.Length];
        node.AddPendingBytes(bytes);
        return [.. bytes.Select((value, lane) => new Measurement<long>(value, Lanes[lane]))];
    }
}
