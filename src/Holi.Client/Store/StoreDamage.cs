namespace Holi.Client;

/// <summary>What was damaged. Counts, never content.</summary>
/// <param name="LostCommands">
/// Seqs of queued commands that could not be read back: their content is gone and the app must tell the person. Each leaves a hole
/// in the seqs, so the device must ask for a new generation; <see cref="StartGeneration"/> closes the holes and empties this list.
/// </param>
/// <param name="TopicsToRefetch">
/// Topics whose events were damaged. Found at opening: already emptied (epoch 0, cursor 0). Found by a read:
/// <see cref="PutTopic"/> with epoch 0 and cursor 0 empties it. Then it is fetched again from the gateway, and leaves this list with the next PutTopic of another epoch.
/// </param>
/// <param name="FileReplaced">
/// The file itself was unreadable, or older than what was once written: what could be saved was copied to a new one, the old one lies beside it.
/// </param>
public sealed record StoreDamage(IReadOnlyList<ulong> LostCommands, IReadOnlyList<string> TopicsToRefetch, bool FileReplaced)
{
    /// <summary>Nothing was damaged.</summary>
    public static StoreDamage None { get; } = new([], [], false);

    /// <summary>True where something was lost or must be fetched again.</summary>
    public bool Any => LostCommands.Count > 0 || TopicsToRefetch.Count > 0 || FileReplaced;
}
