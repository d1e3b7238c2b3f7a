using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Cluster.Messages;

/// <summary>Makes wake-ups of what a batch came to: one message for each shard it touched, more where they grow too large.</summary>
internal sealed class WakeupWriter(NodeId origin, ClusterLimits limits)
{
    // An event's numbers and trace, or a part's numbers, at most.
    private const int NumbersBytesMax = 40 + MessageTrace.Bytes;

    private readonly MessageWriter?[] _shards = new MessageWriter?[ClusterLimits.Shards];
    private readonly List<int> _touched = [];
    private readonly MessageWriter _part = new();

    /// <summary>Which name a topic's wake-ups travel under.</summary>
    public static int ShardOf(long topicId) => (int)((ulong)topicId % ClusterLimits.Shards);

    /// <summary>Hands each message to <paramref name="send"/>.</summary>
    public void Write(BatchOutcome outcome, Action<int, byte[]> send)
    {
        foreach (var appended in outcome.Appended)
            Put(appended.TopicId, Events(appended), send);
        foreach (var position in outcome.Positions)
            Put(position.TopicId, Position(position), send);
        foreach (var shard in _touched)
            Flush(shard, send);
        _touched.Clear();
    }

    private ReadOnlySpan<byte> Events(AppendedEvents appended)
    {
        var events = appended.Events;
        _part.BeginPart();
        _part.U8((byte)WakeupPart.Events);
        _part.Number((ulong)appended.TopicId);
        _part.Number(events[^1].Offset);
        var inline = CountInline(events);
        _part.Number(inline > 0 ? events[0].Offset : 0);
        for (var i = 0; i < inline; i++)
            Event(events[i]);
        return _part.Written;
    }

    // As many as fit, from the first: what is left out is read from the log.
    private int CountInline(IReadOnlyList<StoredEvent> events)
    {
        var bytes = 0;
        for (var i = 0; i < events.Count; i++)
        {
            bytes += NumbersBytesMax + events[i].Payload.Length;
            if (bytes > limits.InlineBytesMax)
                return i;
        }
        return events.Count;
    }

    private void Event(StoredEvent stored)
    {
        _part.Number((ulong)stored.TimeMs);
        _part.Number(stored.Member);
        _part.Number(stored.Type);
        _part.Bytes(stored.Payload);
        Span<byte> trace = stackalloc byte[MessageTrace.Bytes];
        _part.Bytes(stored.Trace is { } traced && traced.TryWrite(trace) ? trace : default);
    }

    private ReadOnlySpan<byte> Position(in PositionChange position)
    {
        _part.BeginPart();
        _part.U8((byte)WakeupPart.Position);
        _part.Number((ulong)position.TopicId);
        _part.Number(position.Member);
        _part.Number(position.Delivered);
        _part.Number(position.Read);
        return _part.Written;
    }

    private void Put(long topicId, ReadOnlySpan<byte> part, Action<int, byte[]> send)
    {
        var shard = ShardOf(topicId);
        var writer = _shards[shard] ??= new MessageWriter();
        if (writer.Count > 0 && writer.Count + part.Length + NumbersBytesMax > limits.MessageBytesMax)
            Flush(shard, send);
        if (writer.Count == 0)
        {
            writer.Begin(MessageKind.Wakeup, origin);
            if (!_touched.Contains(shard))
                _touched.Add(shard);
        }
        writer.Bytes(part);
    }

    private void Flush(int shard, Action<int, byte[]> send)
    {
        var writer = _shards[shard]!;
        if (writer.Count > 0)
            send(shard, writer.ToArray());
        writer.BeginPart();
    }
}
