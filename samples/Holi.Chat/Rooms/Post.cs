namespace Holi.Chat.Rooms;

/// <summary>
/// What is known of one offset. Edits, reactions and deletions may be heard of before what they are about, when older history
/// is fetched later: a post that is not <see cref="IsShown"/> yet gathers them, and of two the one with the higher offset counts.
/// </summary>
internal sealed class Post
{
    private readonly SortedDictionary<(string Emoji, string Who), (ulong At, bool On)> _reactions = [];
    private ulong _editedAt;

    public bool IsShown { get; set; }

    /// <summary>A member's number; 0: nobody says it, it happened.</summary>
    public uint Member { get; set; }

    public string Text { get; set; } = "";

    /// <summary>The newest replacement of the text.</summary>
    public string? EditedText { get; private set; }

    public DateTimeOffset Time { get; set; }

    public DateTimeOffset? WrittenAt { get; set; }

    public bool IsDeleted { get; set; }

    /// <summary>👍 ana, ben  ❤ carl</summary>
    public string Reactions => string.Join("  ", _reactions
        .Where(r => r.Value.On)
        .GroupBy(r => r.Key.Emoji, (emoji, of) => $"{emoji} {string.Join(", ", of.Select(r => r.Key.Who))}"));

    public void Edit(string text, ulong at)
    {
        if (at > _editedAt)
            (EditedText, _editedAt) = (text, at);
    }

    public void React(string emoji, string who, bool on, ulong at)
    {
        if (at > _reactions.GetValueOrDefault((emoji, who)).At)
            _reactions[(emoji, who)] = (at, on);
    }
}
