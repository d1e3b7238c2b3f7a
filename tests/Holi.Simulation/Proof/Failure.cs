namespace Holi.Simulation.Proof;

/// <summary>What a run has proved wrong.</summary>
/// <param name="Invariant">D, O, S, L, B, X or E of the proof's list; P where a machine broke the protocol; F where one threw.</param>
/// <param name="Words">What was found.</param>
public sealed record Failure(char Invariant, string Words)
{
    public override string ToString() => $"{Invariant}: {Words}";
}

/// <summary>Bugs that are put in on purpose, to see that they are caught.</summary>
public enum PlantedBug
{
    None,
    /// <summary>The gateway answers before the batch is synced.</summary>
    AckBeforeCommit,
    /// <summary>How far a device is committed is kept in memory alone.</summary>
    InMemoryDedup,
    /// <summary>What was committed before is not answered again.</summary>
    MissingReAck,
    /// <summary>A device's cursor is not saved with its events, and what comes twice is applied twice.</summary>
    NoClientDedup,
    /// <summary>Commands of one batch take effect in another order than they were sent in.</summary>
    UnorderedCommits,
    /// <summary>The newest Hello is taken for the newest socket.</summary>
    NewestHelloWins,

    // Those of several gateways

    /// <summary>What a gateway hears is published whether or not it continues what was published.</summary>
    HolesPublished,
    /// <summary>A wake-up's head is published as it is told: what it covers is read from the log, and whom it removes nobody hears.</summary>
    WakeupsHeadTrusted,
    /// <summary>What a gateway hears is published first, and who was removed by it is limited after.</summary>
    PublishedBeforeRemoval,
    /// <summary>Nobody compares what was heard with the log.</summary>
    NeverCompared,
    /// <summary>A command is taken by its generation and seq, from whichever connection of its device.</summary>
    FenceNotChecked,
    /// <summary>A gateway takes another's batch for its own that went unanswered.</summary>
    OneCountForAllWriters,
    /// <summary>Batches do not lock what they load.</summary>
    NoRowLocks,
}
