using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>
/// Group commit, the device's side: while one batch is on its way to disk the next one gathers, from the app and from the gateway
/// alike, and becomes one transaction. Invariant: at most one batch is at the store.
/// </summary>
internal sealed class StoreTurn(EngineLimits limits, IEngineHost host, CommandQueue queue, CommandFlow flow, TopicIntake topics, HistoryQuestions histories)
{
    private TimeSpan _dropAt = TimeSpan.MaxValue;
    private TimeSpan _echoAt = TimeSpan.MaxValue;

    /// <summary>A batch is at the store.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>When to call <see cref="Cut"/> again, at the latest.</summary>
    public TimeSpan NextDeadline => IsBusy ? TimeSpan.MaxValue : _dropAt < _echoAt ? _dropAt : _echoAt;

    /// <summary>Hands the next batch to the store, where it is free and somebody waits; at the end, whatever there is.</summary>
    public void Cut(BulkCredit? bulk, TimeSpan now, bool isLast)
    {
        if (IsBusy || !(IsDue(now) || (isLast && (queue.ToDrop > 0 || topics.IsDirty))))
            return;
        var batch = new List<StoreWrite>();
        if (!queue.Cut(batch, flow.IsLive))
        {
            topics.Cut(batch);
            histories.Cut(batch);
            bulk?.Cut();
        }
        (_dropAt, _echoAt) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
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

    /// <summary>The batch is on disk.</summary>
    public CreditFrame? Written(DeviceIdentity? changed, BulkCredit? bulk)
    {
        IsBusy = false;
        var commands = queue.Written(changed, host.Notify);
        if (changed is not null && !queue.IsChangingGeneration)
            flow.OnGenerationStarted();
        flow.OnStored(commands);
        topics.Written(host.Notify);
        histories.Written(host.Notify);
        return bulk?.Written();
    }

    /// <summary>Nothing of the batch happened; what had gathered for the next one goes with it, but for the app's commands.</summary>
    public void Failed(Exception reason)
    {
        IsBusy = false;
        queue.Failed(reason, host.Notify);
        topics.Failed(host.Notify);
        histories.Fail(withBatch: true, host.Notify);
    }

    private bool IsDue(TimeSpan now)
    {
        if (queue.ToDrop > 0 && _dropAt == TimeSpan.MaxValue)
            _dropAt = now + limits.DropWithin;
        if (topics.IsDirty && _echoAt == TimeSpan.MaxValue)
            _echoAt = now + limits.EchoWithin;
        var isUrgent = queue.IsUrgent || topics.IsUrgent || histories.IsDirty;
        var isMuch = queue.ToDrop >= limits.DropCommandsAtOnce || topics.UnstoredBytes > limits.UnstoredBytesMax / 2;
        return isUrgent || isMuch || now >= _dropAt || now >= _echoAt;
    }
}
