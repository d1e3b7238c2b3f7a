using System.Buffers;
using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>One event of a topic, as it is stored on this device.</summary>
public sealed class ConversationEvent
{
    internal ConversationEvent(ReplicaEvent stored, ulong epoch) => (Stored, Epoch) = (stored, epoch);

    internal ReplicaEvent Stored { get; }

    /// <summary>The topic's name: <c>conversation/…</c>, or <c>user/…</c> for what concerns the user alone.</summary>
    public string Topic => Stored.Topic;

    /// <summary>The history that the offset belongs to. When it changes, a topic's offsets begin again: history was reset.</summary>
    public ulong Epoch { get; }

    /// <summary>Its place, from 1. Places that the user may not see are missing.</summary>
    public ulong Offset => Stored.Offset;

    /// <summary>When the gateway committed it.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds(Stored.TimeMs);

    /// <summary>Who did it, by the topic's member numbers; 0 is the system. <see cref="Person.Member"/> and member.add events tell who that is.</summary>
    public uint Member => Stored.Member;

    /// <summary>What it is: one of <see cref="MessageTypes"/>, or a type that this version does not know.</summary>
    public ushort Type => Stored.Type;

    /// <summary>The content as it travelled: one MessagePack array.</summary>
    public ReadOnlyMemory<byte> Payload => Stored.Payload;

    /// <summary>
    /// The content read: <see cref="MessagePost"/>, <see cref="MessageEdit"/>, <see cref="MessageReact"/>, <see cref="MessageDelete"/>,
    /// <see cref="ConversationCreated"/>, <see cref="MemberAdded"/>, <see cref="MemberRemoved"/>, <see cref="MemberRoleChanged"/>,
    /// <see cref="ConversationRename"/>, <see cref="CommandRejected"/>, <see cref="ConversationJoined"/>, <see cref="ConversationLeft"/>;
    /// null for a deleted message, another type, or content that breaks the rules.
    /// </summary>
    public object? Content
    {
        get
        {
            var payload = new ReadOnlySequence<byte>(Stored.Payload);
            return Type switch
            {
                MessageTypes.MessagePost => Read<MessagePost>(payload),
                MessageTypes.MessageEdit => Read<MessageEdit>(payload),
                MessageTypes.MessageReact => Read<MessageReact>(payload),
                MessageTypes.MessageDelete => Read<MessageDelete>(payload),
                MessageTypes.ConversationCreate => Read<ConversationCreated>(payload),
                MessageTypes.MemberAdd => Read<MemberAdded>(payload),
                MessageTypes.MemberRemove => Read<MemberRemoved>(payload),
                MessageTypes.MemberRole => Read<MemberRoleChanged>(payload),
                MessageTypes.ConversationRename => Read<ConversationRename>(payload),
                MessageTypes.CommandRejected => Read<CommandRejected>(payload),
                MessageTypes.ConversationJoined => Read<ConversationJoined>(payload),
                MessageTypes.ConversationLeft => Read<ConversationLeft>(payload),
                _ => null,
            };
        }
    }

    /// <summary>The text of a posted message; null for everything else.</summary>
    public string? Text => (Content as MessagePost)?.Text;

    private static object? Read<T>(in ReadOnlySequence<byte> payload)
        where T : IPayload<T> => T.TryRead(payload, out var value) ? value : null;
}
