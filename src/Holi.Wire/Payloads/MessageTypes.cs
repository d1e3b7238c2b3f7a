namespace Holi.Wire.Payloads;

/// <summary>
/// Type numbers, shared by commands and events (holi.v1.md §8.8). A type that is not here is stored and acknowledged all the same.
/// </summary>
public static class MessageTypes
{
    /// <summary><see cref="Payloads.MessagePost"/>.</summary>
    public const ushort MessagePost = 0;
    /// <summary>Command only: <see cref="Payloads.ReadMark"/>.</summary>
    public const ushort ReadMark = 1;
    /// <summary><see cref="Payloads.MessageReact"/>.</summary>
    public const ushort MessageReact = 2;
    /// <summary><see cref="Payloads.MessageEdit"/>.</summary>
    public const ushort MessageEdit = 3;
    /// <summary><see cref="Payloads.MessageDelete"/>.</summary>
    public const ushort MessageDelete = 4;
    /// <summary>Event only, without fields: stands where a deleted message was.</summary>
    public const ushort MessageErased = 5;
    /// <summary><see cref="Payloads.RecordChange"/>.</summary>
    public const ushort RecordChange = 6;
    /// <summary><see cref="Payloads.ConversationCreate"/>; the event is <see cref="ConversationCreated"/>.</summary>
    public const ushort ConversationCreate = 8;
    /// <summary><see cref="Payloads.MemberAdd"/>; the event is <see cref="MemberAdded"/>.</summary>
    public const ushort MemberAdd = 9;
    /// <summary><see cref="Payloads.MemberRemove"/>; the event is <see cref="MemberRemoved"/>.</summary>
    public const ushort MemberRemove = 10;
    /// <summary><see cref="MemberRoleChange"/>; the event is <see cref="MemberRoleChanged"/>.</summary>
    public const ushort MemberRole = 11;
    /// <summary>Command only, without fields; the event is <see cref="MemberRemoved"/> with <see cref="LeftHow.Left"/>.</summary>
    public const ushort ConversationLeave = 12;
    /// <summary><see cref="Payloads.ConversationRename"/>.</summary>
    public const ushort ConversationRename = 13;
    /// <summary>Event only: <see cref="Payloads.CommandRejected"/>.</summary>
    public const ushort CommandRejected = 32;
    /// <summary>Event only: <see cref="Payloads.ConversationJoined"/>.</summary>
    public const ushort ConversationJoined = 33;
    /// <summary>Event only: <see cref="Payloads.ConversationLeft"/>.</summary>
    public const ushort ConversationLeft = 34;
    /// <summary>Event only: <see cref="Payloads.Notification"/>.</summary>
    public const ushort Notification = 64;
    /// <summary><see cref="Payloads.NotificationAccept"/>; the event is <see cref="NotificationAccepted"/>.</summary>
    public const ushort NotificationAccept = 65;
    /// <summary>Event only: <see cref="Payloads.TranscriptSegment"/>.</summary>
    public const ushort TranscriptSegment = 80;
    /// <summary>Event only: <see cref="Payloads.NoteDraft"/>.</summary>
    public const ushort NoteDraft = 81;
}

/// <summary>Type numbers of signals (holi.v1.md §9.3).</summary>
public static class SignalTypes
{
    /// <summary><see cref="TypingSignal"/>.</summary>
    public const ushort Typing = 1;
    /// <summary><see cref="PresenceSignal"/>; from the gateway only.</summary>
    public const ushort Presence = 2;
}
