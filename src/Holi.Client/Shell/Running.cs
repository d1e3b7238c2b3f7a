using Holi.Client.Engine;
using Holi.Client.Feeds;
using Holi.Wire;

namespace Holi.Client.Shell;

/// <summary>All that a started client consists of, and the way of each notice to whom it concerns.</summary>
internal sealed class Running : IAsyncDisposable
{
    private readonly HoliClientOptions _options;
    private readonly HoliStatus _status;
    private readonly CommitWaiters _waiters;
    private readonly StoreDamage _damageAtOpening;
    private volatile AllComplete? _allComplete;
    private volatile Welcomed _welcomed = new(TimeSpan.Zero);

    public Running(HoliClientOptions options, IDeviceStore store, HoliStatus status)
    {
        (_options, _status) = (options, status);
        Store = new SharedStore(store);
        var content = StoreContent.Read(store);
        Device = content.Identity.Device;
        _damageAtOpening = content.Damage;
        Topics = new TopicDirectory(content.Topics);
        _waiters = new CommitWaiters(content.Identity.Known);
        var limits = new EngineLimits { OutboxCommandsMax = options.OutboxCommandsMax, OutboxBytesMax = options.OutboxBytesMax };
        var engineOptions = new EngineOptions
        {
            User = options.User,
            Client = options.ClientName,
            Backlog = options.Backlog,
            HeartbeatMax = options.HeartbeatMax,
            Limits = limits,
        };
        Loop = new EngineLoop(options, Store, content, engineOptions, OnNotice);
        if (content.Damage.Any)
            Loop.Report(HoliCode.None, $"The store was damaged: {content.Damage.LostCommands.Count} queued commands and {content.Damage.TopicsToRefetch.Count} topics; the rest was saved.");
        Store.Damaged = damaged =>
        {
            Loop.Report(HoliCode.None, "Stored events were found damaged; they are fetched again.");
            _ = Loop.PostAsync((engine, time) => engine.Refetch(damaged, time)).AsTask();
        };
    }

    public SharedStore Store { get; }

    public EngineLoop Loop { get; }

    public TopicDirectory Topics { get; }

    public PeopleDirectory People { get; } = new();

    public string Device { get; }

    /// <summary>What was damaged at opening, though it may be mended by now, and what was found since.</summary>
    public StoreDamage Damage
    {
        get
        {
            var (then, now) = (_damageAtOpening, Store.Damage);
            return new StoreDamage(
                [.. then.LostCommands.Union(now.LostCommands)], [.. then.TopicsToRefetch.Union(now.TopicsToRefetch)], then.FileReplaced || now.FileReplaced);
        }
    }

    public TopicSummary? Summary(TopicView view)
    {
        if (view.Now is not { } topic)
            return null;
        var unread = topic.Head > topic.Read ? (long)(topic.Head - topic.Read) : 0;
        return new TopicSummary(
            topic.Name, topic.Title, unread, topic.Read, topic.Head, topic.Role, topic.Member, topic.Members, topic.Gone,
            view.StalenessAt(Loop.Time.Now, _allComplete, _welcomed.Heartbeat, _status.State == ConnectionState.Ready));
    }

    public async ValueTask DisposeAsync()
    {
        await Loop.DisposeAsync().ConfigureAwait(false);
        _waiters.Close();
        Topics.Close();
        People.Close();
        _status.Complete();
        await Store.CloseAsync().ConfigureAwait(false);
    }

    // On the loop: everything here returns at once, and the app's code runs elsewhere.
    private void OnNotice(EngineNotice notice)
    {
        switch (notice)
        {
            case CommandQueued { Request: { Tag: PendingSend sent } request }:
                sent.TrySetResult(new QueuedCommand(request.Number, _waiters));
                break;
            case CommandNotQueued { Request.Tag: PendingSend failed } refused:
                failed.TrySetException(refused.Reason);
                break;
            case CommandsCommitted committed:
                _waiters.OnCommitted(committed);
                break;
            case TopicStored stored:
                Topics.OnStored(stored);
                break;
            case TopicChanged changed:
                Topics.OnChanged(changed);
                break;
            case TopicForgotten forgotten:
                Topics.Forget(forgotten.Topic);
                break;
            case AllComplete all:
                _allComplete = all;
                break;
            case Welcomed welcomed:
                _welcomed = welcomed;
                break;
            case PeopleChanged people:
                People.OnChanged(people);
                break;
            case HistoryLoaded { Question.Tag: TaskCompletionSource<HistoryPage> asked } loaded:
                asked.TrySetResult(new HistoryPage(loaded.Count, loaded.Oldest, loaded.Last));
                break;
            case HistoryFailed { Question.Tag: TaskCompletionSource<HistoryPage> asked } lost:
                asked.TrySetException(new HistoryUnavailableException(lost.Code));
                break;
            case StatusChanged changed:
                _status.Publish(StatusOf(changed.Status));
                break;
        }
    }

    private ClientStatus StatusOf(EngineStatus status)
    {
        var now = _options.TimeProvider.GetUtcNow();
        DateTimeOffset DateOf(TimeSpan at) => now + (at - Loop.Time.Now);
        return new ClientStatus(
            status.State, status.QueuedCommands, status.QueuedBytes,
            status.LastWords is null ? null : new ClientError(status.LastCode, status.LastWords),
            status.NextRetryAt is { } retry ? DateOf(retry) : null, DateOf(status.Since));
    }
}
