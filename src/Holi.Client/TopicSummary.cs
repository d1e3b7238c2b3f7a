using Holi.Wire.Payloads;

namespace Holi.Client;

/// <summary>What this device knows of a topic.</summary>
/// <param name="Name">The topic's name.</param>
/// <param name="Title">Null where it has none.</param>
/// <param name="Unread">How many events the user has not read.</param>
/// <param name="Read">The user's read position.</param>
/// <param name="Head">The last offset that this device has heard of.</param>
/// <param name="Role">What the user may do here.</param>
/// <param name="Member">The number by which its events name the user.</param>
/// <param name="Members">How many members it has.</param>
/// <param name="IsGone">The user no longer belongs to it; what is stored may still be read.</param>
/// <param name="Staleness">How far it can be trusted.</param>
public sealed record TopicSummary(
    string Name, string? Title, long Unread, ulong Read, ulong Head, MemberRole Role, uint Member, int Members, bool IsGone, Staleness Staleness)
{
    /// <summary>The conversation's id; null for other topics.</summary>
    public string? ConversationId =>
        TopicName.TryParse(Name, out var kind, out var id) && kind == TopicKind.Conversation ? id : null;
}
