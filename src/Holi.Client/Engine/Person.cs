using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>One person of a watched conversation.</summary>
/// <param name="Member">The number by which the conversation's events name this person.</param>
/// <param name="User">Who it is.</param>
/// <param name="Role">What this person may do here.</param>
/// <param name="Delivered">One of this person's devices has stored everything through this offset.</param>
/// <param name="Read">Read through this offset.</param>
/// <param name="IsOnline">Connected on any device.</param>
/// <param name="LastSeen">When last connected; null: never, or not known.</param>
/// <param name="IsTyping">Typing within the last seconds.</param>
public sealed record Person(
    uint Member, string User, MemberRole Role, ulong Delivered, ulong Read, bool IsOnline, DateTimeOffset? LastSeen, bool IsTyping);
