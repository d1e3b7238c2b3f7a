using Holi.Gateway.Storage;

namespace Holi.Gateway.Topics;

/// <summary>The shared tails of all topics within their bounds. Under the hub's lock; <see cref="Bytes"/> is read without.</summary>
internal sealed class Tails(GatewayLimits limits, long timeBaseMs)
{
    private long _bytes;

    /// <summary>Bytes held, over all topics.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Puts an event behind the newest, encoded once for all.</summary>
    public void Append(HubTopic topic, StoredEvent stored, TimeSpan now)
    {
        var before = topic.Tail.Bytes;
        var countMax = _bytes > limits.TailBytesInAll ? 1 : limits.TailEvents;
        var tailed = new TailEvent(EventEncoding.Encode(topic.Number, stored, timeBaseMs), now, stored.Trace);
        topic.Tail.Append(stored.Offset, tailed, countMax, limits.TailBytes);
        Count(topic, before);
    }

    /// <summary>Puts what is left of an erased event into its place.</summary>
    public void Erase(HubTopic topic, ulong offset)
    {
        if (!topic.TryGetFrame(offset, out var frame))
            return;
        var before = topic.Tail.Bytes;
        topic.Tail.Replace(offset, EventEncoding.Erase(frame, timeBaseMs));
        Count(topic, before);
    }

    /// <summary>Holds nothing of a topic any more: whoever needs it reads the log.</summary>
    public void Clear(HubTopic topic)
    {
        var before = topic.Tail.Bytes;
        topic.Tail.Clear(topic.Head + 1);
        Count(topic, before);
    }

    private void Count(HubTopic topic, int before) => Volatile.Write(ref _bytes, _bytes + topic.Tail.Bytes - before);
}
