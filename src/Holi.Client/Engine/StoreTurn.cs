using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>
/// Group commit, the device's side: while one batch is on its way to disk the next one gathers, from the app and from the gateway
/// alike, and becomes one transaction. Invariant: at most one batch is at the store.
/// </summary>
internal sealed class StoreTurn(EngineLimits limits, IEngineHost host, CommandQueue queue, CommandFlow flow, TopicIntake topics, HistoryQuestions histories)
{
    private TimeSpan _dropAt = TimeSpan.MaxValue;

    /// <summary>A batch is at the store.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>When to call <see cref="Cut"/> again, at the latest.</summary>
    public TimeSpan NextDeadline => IsBusy ? TimeSpan.MaxValue : _dropAt;

    /// <summary>Hands the next batch to the store, where it is free and somebody waits; at the end, whatever there is.</summary>
    public void Cut(BulkCredit? bulk, TimeSpan now, bool isLast)
    {
        if (IsBusy || !(IsDue(now) || (isLast && queue.ToDrop > 0)))
            return;
        var batch = new List<StoreWrite>();
        if (!queue.Cut(batch, flow.IsLive))
        {
            topics.Cut(batch);
            histories.Cut(batch);
            bulk?.Cut();
        }
        _dropAt = TimeSpan.MaxValue;
        IsBusy = true;
        host.Write(batch);
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
        return queue.IsUrgent || topics.IsDirty || histories.IsDirty || queue.ToDrop >= limits.DropCommandsAtOnce || now >= _dropAt;
    }
}
