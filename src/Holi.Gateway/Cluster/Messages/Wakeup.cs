using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Cluster.Messages;

/// <summary>
/// A wake-up: parts with their length before them, each about one topic.
/// <code>
/// 1 events      topic, head, first offset (0: none inline), then for each event: time, member, type, payload, trace (empty: it is not traced)
/// 2 position    topic, member, delivered, read
/// </code>
/// A topic is the log's own key: who has not the topic cannot tell which it is. Erasures and changes of membership do not stand here; they follow
/// from the events, and so cannot be lost without them.
/// </summary>
internal enum WakeupPart : byte
{
    Events = 1,
    Position = 2,
}

/// <summary>Takes a wake-up apart.</summary>
internal ref struct WakeupReader(ReadOnlySpan<byte> body, int bytesMax)
{
    private MessageReader _reader = new(body);

    /// <summary>True once a part could not be read.</summary>
    public bool IsBad { get; private set; }

    /// <summary>The next part of a kind that is known. False at the end, or where the message is not one.</summary>
    public bool TryNext(out WakeupEntry entry)
    {
        entry = default;
        while (_reader.HasMore)
        {
            var part = new MessageReader(_reader.Bytes(bytesMax));
            var kind = (WakeupPart)part.U8();
            if (kind is not (WakeupPart.Events or WakeupPart.Position) && !part.IsBad)
                continue;
            entry = new WakeupEntry(kind, ref part);
            IsBad |= _reader.IsBad || part.IsBad;
            return !IsBad;
        }
        IsBad |= _reader.IsBad;
        return false;
    }
}

/// <summary>One part of a wake-up.</summary>
internal readonly ref struct WakeupEntry
{
    private readonly MessageReader _events;

    public WakeupEntry(WakeupPart kind, scoped ref MessageReader part)
    {
        Kind = kind;
        TopicId = (long)part.Number();
        if (kind == WakeupPart.Position)
        {
            Member = (uint)part.Number(uint.MaxValue);
            Delivered = part.Number();
            Read = part.Number();
            return;
        }
        Head = part.Number();
        First = part.Number();
        _events = part;
    }

    public WakeupPart Kind { get; }
    public long TopicId { get; }
    public ulong Head { get; }
    /// <summary>Of the events inline; 0 where there are none.</summary>
    public ulong First { get; }
    public uint Member { get; }
    public ulong Delivered { get; }
    public ulong Read { get; }

    /// <summary>Reads the events inline. False where one is not sound; then none of them is.</summary>
    public bool TryReadEvents(out List<StoredEvent> events)
    {
        events = [];
        var reader = _events;
        for (var offset = First; First > 0 && reader.HasMore; offset++)
        {
            var timeMs = (long)reader.Number((ulong)PayloadLimits.TimeMsMax);
            var member = (uint)reader.Number(uint.MaxValue);
            var type = (ushort)reader.Number(ushort.MaxValue);
            var payload = reader.Bytes(WireLimits.FrameBytesMax).ToArray();
            var trace = reader.Bytes(MessageTrace.Bytes);
            if (reader.IsBad || offset > Head)
                return false;
            events.Add(new StoredEvent(TopicId, offset, timeMs, member, type, payload, default, 0) { Trace = MessageTrace.Read(trace) });
        }
        return !reader.IsBad;
    }
}
