using Holi.Client;
using Holi.Client.Engine;
using Holi.Simulation.Proof;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Device;

/// <summary>What an app would do with the engine's notices: remember what it asked, note what it was told.</summary>
internal sealed class DeviceApp(Run run, SimDevice device)
{
    private readonly List<AppCommand> _open = [];
    private readonly Dictionary<string, (ulong Epoch, ulong Cursor)> _shown = [];
    private readonly HashSet<string> _watched = [];
    private readonly Dictionary<string, IReadOnlyList<Person>> _people = [];
    private bool _isReady;
    private bool _isLeaving;
    private TimeSpan _leftAt;

    public bool IsReady => _isReady;

    /// <summary>Who is shown of each topic that somebody looks at; null where nothing was shown yet.</summary>
    public IEnumerable<(string Topic, IReadOnlyList<Person>? People)> Shown => _watched.Select(topic => (topic, _people.GetValueOrDefault(topic)));

    public void Watch(string topic, bool on)
    {
        if (on ? _watched.Add(topic) : _watched.Remove(topic))
            _people.Remove(topic);
        device.Input((engine, now) => engine.Watch(topic, on, now));
    }

    public void Send(string topic, ushort type, byte[] payload, int id)
    {
        var request = new QueueRequest(topic, type, payload);
        _open.Add(new AppCommand(id, request));
        device.Input((engine, now) => engine.Queue(request, now));
    }

    /// <summary>The process ended: what it knew is gone.</summary>
    public void Killed()
    {
        _open.Clear();
        _shown.Clear();
        _watched.Clear();
        _people.Clear();
        (_isReady, _isLeaving) = (false, false);
    }

    public void Wrote(IReadOnlyList<StoreWrite> batch)
    {
        foreach (var write in batch)
        {
            if (write is RewriteCommand)
                run.Saw(Sight.CoalescedMarkRewritten);
            else if (write is EraseEvent)
                run.Saw(Sight.EraseReachedDevice);
            else if (write is StartGeneration && run.Copied.Contains(device.Key) && device.Disk.Outbox.Exists(c => c.FirstGeneration != 0))
                run.Saw(Sight.CloneGotNewGeneration);
        }
    }

    public void On(EngineNotice notice)
    {
        switch (notice)
        {
            case CommandQueued queued:
                OnQueued(queued.Request);
                break;
            case CommandNotQueued refused:
                _open.RemoveAll(c => ReferenceEquals(c.Request, refused.Request));
                if (refused.Reason is OutboxFullException)
                    run.Saw(Sight.OutboxFull);
                else if (refused.Reason is DeviceStoreException)
                    run.Saw(Sight.DiskFull);
                break;
            case CommandsCommitted committed:
                OnCommitted(committed);
                break;
            case TopicStored stored:
                OnStored(stored);
                break;
            case StatusChanged changed:
                OnStatus(changed.Status);
                break;
            case ProblemMet problem:
                OnProblem(problem.Code, problem.Words);
                break;
            case HistoryLoaded:
                run.Saw(Sight.HistoryLoaded);
                break;
            case HistoryFailed:
                run.Saw(Sight.HistoryFailed);
                break;
            case PeopleChanged people:
                _people[people.Topic] = people.People;
                if (people.People.Any(p => p.IsTyping))
                    run.Saw(Sight.TypingShown);
                if (people.People.Count(p => p.IsOnline) > 1)
                    run.Saw(Sight.PresenceShown);
                break;
        }
    }

    private void OnQueued(QueueRequest request)
    {
        var command = _open.Find(c => ReferenceEquals(c.Request, request));
        if (command is null)
            return;
        command.IsKept = true;
        if (request.Joined is { Count: > 0 })
            run.Saw(Sight.CoalescedMarkGathered);
        if (request.Type == MessageTypes.ConversationCreate && !_isReady)
            run.Saw(Sight.ConversationCreatedOffline);
        run.History.Add(new CommandKept(device.Copy, command.Id));
    }

    private void OnCommitted(CommandsCommitted committed)
    {
        foreach (var command in _open.Where(c => c.IsKept && c.Request.Number <= committed.Through).ToArray())
        {
            var code = committed.Refused.FirstOrDefault(r => r.Number == command.Request.Number).Code;
            run.History.Add(new CommandAnswered(device.Copy, device.Key, command.Id, code));
            _open.Remove(command);
        }
    }

    // The app is shown each event once in a life, in order.
    private void OnStored(TopicStored stored)
    {
        var topic = stored.Topic;
        if (_shown.TryGetValue(topic.Name, out var shown) && shown.Epoch == topic.Epoch && stored.After != shown.Cursor)
            run.Fail('S', $"{device.Copy} was shown {topic.Name} from {stored.After} after {shown.Cursor}.");
        _shown[topic.Name] = (topic.Epoch, topic.Cursor);
    }

    private void OnStatus(EngineStatus status)
    {
        _isReady = status.State == ConnectionState.Ready;
        if (status.State == ConnectionState.Leaving)
        {
            _isLeaving = true;
            _leftAt = run.Time.Now;
        }
        if (_isLeaving && _isReady)
        {
            _isLeaving = false;
            if (run.Time.Now - _leftAt >= run.GatewayLimits.DrainRetryAfter)
                run.Saw(Sight.GoAwayHonoured);
        }
        if (status.LastWords == "The gateway was silent for too long.")
            run.Saw(Sight.HalfOpenNoticed);
        if (status.State != ConnectionState.Stopped || status.LastCode != HoliCode.Fenced)
            return;
        run.Saw(Sight.FencedTwin);
        if (!device.IsFencedByCopy)
            run.Fail('L', $"{device.Copy} was fenced by nobody but itself, and stopped.");
    }

    private void OnProblem(HoliCode code, string words)
    {
        if (HoliCodes.ActionOf((int)code) == CodeAction.ReportAndRetry)
            run.Fail('P', $"{device.Copy} ended a connection with {(int)code} {code}: {words}");
        if (code != HoliCode.GenerationForked)
            return;
        run.Saw(Sight.ForkFoundByDevice);
        if (!run.Copied.Contains(device.Key) && !run.SetBack.Contains(device.Key))
            run.Fail('P', $"{device.Copy} took itself for a copy.");
    }
}
