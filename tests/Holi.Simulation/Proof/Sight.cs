namespace Holi.Simulation.Proof;

/// <summary>
/// The states that a fault model must reach to prove anything. Each is counted; a set of runs in which one never occurred fails.
/// </summary>
public enum Sight
{
    // Commands and their answers
    DuplicateAnsweredAgain, PipelinedBehindHello, PipelinedWereCommitted, RefusedCommand, RefusalToldAfterReconnect, CommandAgainApplied,
    CommandAgainDeduplicated, CoalescedMarkGathered, CoalescedMarkRewritten, ConversationCreatedOffline, OutboxFull, FencedTwin, FencedConnection,
    FencedCommand, HelloHeldBack, LateHelloRefused, CopyCountedFurther,
    // The log
    StoreFailed, StoreRecovered, LostAnswerWasOnDisk, LostAnswerWasNotOnDisk, WrittenSurvivedCrash, WrittenLostInCrash, CrashBetweenCommitAndReply,
    EpochResetAnnounced, BatchOfMany,
    // The gateway
    GatewayCrash, GatewayDrained, GoAwayHonoured, DrainedWithCommandsInFlight, GatewayPaused, SilentDeviceClosed, TokenExpiredOnConnection,
    // Delivery
    CatchUpInPages, FellBehindTail, SkipNotVisible, SkipBeyondBacklog, EraseReachedDevice, ErasedBeforeDelivery, HistoryLoaded, HistoryFailed,
    PartsReassembled, BulkCreditReturned, SlowReaderBlocked, DeviceHeldReading, MembershipReadAgain, FollowedWhileConnected,
    RemovedWhileConnected, RemovedWhileOffline, AddedBack, OwnerSucceeded, OtherTenantSameName, TypingShown, PresenceShown,
    // Devices
    CrashBeforeOutboxSaved, CrashAfterOutboxSaved, CrashBeforeCursorSaved, CrashAfterCursorSaved, CrashBeforeGenerationSaved,
    CrashAfterGenerationSaved, CrashBeforeDropSaved, WrittenLostInPowerCut, OpeningsNotReserved, DiskFull, DeviceStopped, DeviceRestored, DeviceCloned, HalfOpenNoticed, TokenRefreshed, TokenCallbackFailed,
    ForkFoundByGateway, ForkFoundByDevice, GenerationUnknown, CloneGotNewGeneration, ConnectRefused, CutBothWays,
    // Several gateways over one log
    RoamedToAnother, AcceptedWhileStopped, FencedByAnother, LateCommandFenced, WakeupHeard, WakeupLost, WakeupTwice, WakeupLate, LineWentDead, LineCameBack,
    GatewayWentDeaf, GatewayCutFromLog, HoleFilledFromLog, OwnBatchBehindAHole, BatchWaitedForLock, BatchGaveUpWaiting, BatchLostItsLocks, CommitOutlivedItsConnection,
    CommitOutlivedItsGateway,
}

/// <summary>How often each state was seen.</summary>
public sealed class Sightings
{
    private readonly long[] _counts = new long[Enum.GetValues<Sight>().Length];

    public void Add(Sight sight) => _counts[(int)sight]++;

    public void Add(Sightings others)
    {
        for (var i = 0; i < _counts.Length; i++)
            Interlocked.Add(ref _counts[i], others._counts[i]);
    }

    public long Of(Sight sight) => _counts[(int)sight];

    /// <summary>What was never seen, of all that runs of one gateway, or of several, can meet.</summary>
    public IEnumerable<Sight> Missing(bool ofSeveral) => Enum.GetValues<Sight>().Where(s => Of(s) == 0 && (ofSeveral ? !OfOne.Contains(s) : s < Sight.RoamedToAnother));

    // States of the one gateway's own disk; and what among several is too rare to be asked for.
    private static readonly Sight[] OfOne = [Sight.WrittenSurvivedCrash, Sight.WrittenLostInCrash, Sight.MembershipReadAgain];
}
