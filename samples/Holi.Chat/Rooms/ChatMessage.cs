namespace Holi.Chat.Rooms;

/// <summary>How far a message of one's own has come.</summary>
internal enum Tick
{
    /// <summary>Not one's own.</summary>
    None,
    /// <summary>On this device's disk.</summary>
    Queued,
    /// <summary>On the gateway's disk.</summary>
    Committed,
    /// <summary>On a device of everybody else's.</summary>
    Delivered,
    /// <summary>Read by everybody else.</summary>
    Read,
    /// <summary>The gateway would not have it.</summary>
    Refused,
}

/// <summary>One line of the conversation as it is shown now. Two that are equal look the same.</summary>
/// <param name="Key">Stays the same while the line changes.</param>
/// <param name="Offset">Its place in the conversation; 0: it has none.</param>
/// <param name="Sender">Empty for what is not said by a person.</param>
/// <param name="Text">Empty where it was deleted.</param>
/// <param name="Time">When it was committed; for a queued one, when it was written.</param>
/// <param name="WrittenAt">Set where it was written without a connection.</param>
/// <param name="Tick">For one's own.</param>
/// <param name="IsEdited">Its text was replaced.</param>
/// <param name="IsDeleted">Its text is gone.</param>
/// <param name="Reactions">For a person to read.</param>
/// <param name="IsFirstUnread">It is the first that the person has not seen before.</param>
internal sealed record ChatMessage(
    string Key, ulong Offset, string Sender, string Text, DateTimeOffset Time, DateTimeOffset? WrittenAt = null, Tick Tick = Tick.None,
    bool IsEdited = false, bool IsDeleted = false, string Reactions = "", bool IsFirstUnread = false);
