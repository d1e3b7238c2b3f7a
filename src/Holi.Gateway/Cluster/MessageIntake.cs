using Holi.Gateway.Auth;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Cluster;

/// <summary>What a message asks of the gateway that heard it.</summary>
internal enum MessageReply : byte
{
    None,
    /// <summary>It was our own heartbeat.</summary>
    Echo,
    /// <summary>The sender's whole roll is missing here: ask for it.</summary>
    Ask,
    /// <summary>The sender asks for all that we know.</summary>
    TellAll,
}

/// <summary>
/// Takes messages of other gateways to whom they concern. Trusts none of their lengths; what is malformed, too large or of a later version is counted and
/// dropped. No clock and no I/O; thread-safe.
/// </summary>
internal sealed class MessageIntake(
    NodeId self, GatewayLimits limits, TopicHub hub, OtherRolls rolls, LocalDevices devices, RevokedTokens revoked, MessageTraces? traces = null)
{
    private long _heard, _dropped;

    /// <summary>Whose intake it is.</summary>
    public NodeId Self { get; set; } = self;

    /// <summary>Messages of others that were taken.</summary>
    public long Heard => Volatile.Read(ref _heard);

    /// <summary>Messages that were not.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public MessageReply Take(ReadOnlySpan<byte> message, Instant now, out NodeId origin)
    {
        origin = default;
        if (!MessageEnvelope.TryRead(message, limits.Cluster.MessageBytesMax, out var envelope))
            return Drop();
        origin = envelope.Origin;
        if (origin == Self)
            return envelope.Kind == MessageKind.RollNews ? MessageReply.Echo : MessageReply.None;
        // After a restore some gateways still have the history before, and what they say of it may come late. Revoked tokens have nothing to do with it.
        if (origin.Epoch != Self.Epoch && envelope.Kind is not (MessageKind.Ask or MessageKind.Revoked))
            return Drop();
        var reply = Take(envelope, now, out var isSound);
        if (!isSound)
            return Drop();
        Interlocked.Increment(ref _heard);
        return reply;
    }

    private MessageReply Take(in MessageEnvelope envelope, Instant now, out bool isSound)
    {
        var reader = new MessageReader(envelope.Body);
        var reply = MessageReply.None;
        isSound = true;
        switch (envelope.Kind)
        {
            case MessageKind.Wakeup:
                isSound = TakeWakeup(envelope.Body);
                break;
            case MessageKind.Typing:
                isSound = TypingMessage.TryRead(envelope.Body, out var typing);
                if (isSound)
                    hub.Typed(typing.TopicId, typing.Head, typing.Member, typing.On, now.UnixMs + (long)limits.TypingTtl.TotalMilliseconds);
                break;
            case MessageKind.Fences:
                while (FencesMessage.TryReadNext(ref reader, out var opened))
                    devices.Opened(opened.DeviceId, opened.Fence);
                isSound = !reader.IsBad;
                break;
            case MessageKind.Revoked:
                while (RevokedMessage.TryReadNext(ref reader, out var token))
                    revoked.TakeOver(token, now.UnixMs);
                isSound = !reader.IsBad;
                break;
            case MessageKind.RollNews:
                reply = rolls.OnNews(envelope.Origin, ref reader, now) ? MessageReply.Ask : MessageReply.None;
                isSound = !reader.IsBad;
                break;
            case MessageKind.RollPage:
                rolls.OnPage(envelope.Origin, ref reader, now);
                isSound = !reader.IsBad;
                break;
            case MessageKind.Ask:
                reply = MessageReply.TellAll;
                break;
            case MessageKind.Farewell:
                rolls.OnFarewell(envelope.Origin, now);
                break;
            default:
                isSound = false;
                break;
        }
        return reply;
    }

    private bool TakeWakeup(ReadOnlySpan<byte> body)
    {
        var reader = new WakeupReader(body, limits.Cluster.MessageBytesMax);
        while (reader.TryNext(out var entry))
        {
            if (entry.Kind == WakeupPart.Position)
            {
                hub.Moved(entry.TopicId, entry.Member, entry.Delivered, entry.Read);
                continue;
            }
            // Most topics of a shard are known to other gateways only: their events are not even read.
            if (!hub.IsNews(entry.TopicId, entry.Head))
                continue;
            if (!entry.TryReadEvents(out var events))
                return false;
            Publish(entry.TopicId, entry.Head, events);
        }
        return !reader.IsBad;
    }

    // As the batch's own gateway publishes them: a traced message's spans go on here.
    private void Publish(long topicId, ulong head, List<StoredEvent> events)
    {
        var spans = traces is not null && events.Exists(stored => stored.Trace is not null) && hub.KeyOf(topicId) is { } topic
            ? traces.Publish([new AppendedEvents(topicId, topic, events)])
            : null;
        hub.Heard(topicId, head, events);
        foreach (var span in spans ?? [])
            span.Stop();
    }

    /// <summary>Counts what was not taken.</summary>
    public MessageReply Drop()
    {
        Interlocked.Increment(ref _dropped);
        return MessageReply.None;
    }
}
