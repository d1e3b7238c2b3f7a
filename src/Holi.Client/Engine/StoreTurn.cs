using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>
/// Group commit, the device's side: while one batch is on its way to disk the next one gathers, from the app and from the gateway
/// alike, and becomes one transaction. Invariant: at most one batch is at the store.
/// <para>A batch of events alone is written without fsync; one that is due for it anyway, or a Sync in time, makes them safe, and only
/// then are they acknowledged.</para>
/// </summary>
internal sealed class StoreTurn(EngineLimits limits, IEngineHost host, CommandQueue queue, CommandFlow flow, TopicIntake topics, HistoryQuestions histories, OpeningNumbers openings)
{
    private TimeSpan _dropAt = TimeSpan.MaxValue;
    private TimeSpan _echoAt = TimeSpan.MaxValue;
    private TimeSpan _syncAt = TimeSpan.MaxValue;
    private TimeSpan _syncNotBefore;
    private bool _syncs;

    /// <summary>A batch is at the store.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>When to call <see cref="Cut"/> again, at the latest.</summary>
    public TimeSpan NextDeadline => IsBusy ? TimeSpan.MaxValue : TimeSpan.FromTicks(Math.Min(_dropAt.Ticks, Math.Min(_echoAt.Ticks, _syncAt.Ticks)));

    /// <summary>
    /// Hands the next batch to the store, where it is free and somebody waits; at the end, whatever there is. <paramref name="bulk"/>: the
    /// connection's; null where there is none.
    /// </summary>
    public void Cut(BulkCredit? bulk, TimeSpan now, bool isLast)
    {
        if (IsBusy || !(IsDue(isConnected: bulk is not null, now) || (isLast && (queue.ToDrop > 0 || topics.IsDirty))))
            return;
        var batch = new List<StoreWrite>();
        if (!queue.Cut(batch, flow.IsLive))
        {
            topics.Cut(batch);
            histories.Cut(batch);
            openings.Cut(batch);
            bulk?.Cut();
        }
        _syncs = batch.Exists(write => write.NeedsSync);
        if (!_syncs && (isLast || now >= _syncAt))
        {
            batch.Add(new Sync());
            _syncs = true;
        }
        (_dropAt, _echoAt) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        if (_syncs)
            _syncAt = TimeSpan.MaxValue;
        IsBusy = true;
        host.Write(batch);
    }

    /// <summary>What came in the bulk lane and needs no store (frames that were known already) is released at once; a Credit frame, if it is time for one.</summary>
    public CreditFrame? ReleaseDropped(BulkCredit bulk)
    {
        if (IsBusy || topics.IsDirty || histories.IsDirty)
            return null;
        bulk.Cut();
        return bulk.Written();
    }

    /// <summary>The batch is written.</summary>
    public CreditFrame? Written(DeviceIdentity? changed, BulkCredit? bulk)
    {
        IsBusy = false;
        var commands = queue.Written(changed, host.Notify);
        if (changed is not null && !queue.IsChangingGeneration)
            flow.OnGenerationStarted();
        flow.OnStored(commands);
        topics.Written(_syncs, host.Notify);
        histories.Written(host.Notify);
        openings.Written();
        return bulk?.Written();
    }

    /// <summary>Nothing of the batch happened; what had gathered for the next one goes with it, but for the app's commands.</summary>
    public void Failed(Exception reason, TimeSpan now)
    {
        IsBusy = false;
        (_syncAt, _syncNotBefore) = (TimeSpan.MaxValue, now + limits.SyncAgainAfter);
        queue.Failed(reason, host.Notify);
        topics.Failed(host.Notify);
        openings.Failed();
        histories.Fail(withBatch: true, host.Notify);
    }

    private bool IsDue(bool isConnected, TimeSpan now)
    {
        if (queue.ToDrop > 0 && _dropAt == TimeSpan.MaxValue)
            _dropAt = now + limits.DropWithin;
        if (topics.IsDirty && _echoAt == TimeSpan.MaxValue)
            _echoAt = now + limits.EchoWithin;
        PlanSync(isConnected, now);
        // Without a connection nothing more will come to ride with, and the next one waits for it.
        var isUrgent = queue.IsUrgent || openings.IsUrgent || topics.IsUrgent || histories.IsDirty || (!isConnected && topics.IsDirty);
        var isMuch = queue.ToDrop >= limits.DropCommandsAtOnce || topics.UnstoredBytes > limits.UnstoredBytesMax / 2;
        return isUrgent || isMuch || now >= _dropAt || now >= _echoAt || now >= _syncAt;
    }

    private void PlanSync(bool isConnected, TimeSpan now)
    {
        if (!topics.IsUnsynced || (_syncAt <= now && _syncAt >= _syncNotBefore))
            return;
        var at = isConnected ? now + limits.SyncWithin : now;
        if (at < _syncAt)
            _syncAt = at > _syncNotBefore ? at : _syncNotBefore;
    }
}
