using Holi.Gateway.Storage;
using Holi.Simulation.Proof;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Log.Shared;

/// <summary>
/// One batch at the server. Locks in the order of Storage/Postgres/LoadSql.cs: the gateway's own row, slots of names that are not there, devices by
/// id, topics by id. Who holds locks and says nothing for too long loses them; who waits too long gives up.
/// </summary>
internal sealed class LogTransaction(LogServer server, int writer, BatchKeys keys, Action<BatchState> loaded, Action<string> failed)
{
    // As PostgresOptions has them.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(2), LockTimeout = TimeSpan.FromSeconds(3), AnswerTimeout = TimeSpan.FromSeconds(8);

    private const int Slots = 512;

    private readonly Dictionary<DeviceKey, long> _newDevices = [];
    private readonly Dictionary<TopicKey, long> _newTopics = [];
    private readonly HashSet<long> _locked = [];
    private int _waits;

    public int Writer => writer;

    /// <summary>Its end is decided; it holds nothing any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The COMMIT was sent.</summary>
    public bool IsCommitting { get; private set; }

    private LogData Data => server.Disk.Data;

    public void Begin()
    {
        if (server.Disk.IsAway)
            End("away");
        if (IsOver)
            return;
        server.Run.Time.After(AnswerTimeout, () =>
        {
            if (!IsCommitting)
                End("took too long");
        });
        Lock([$"writer {writer}"], LockAbsent);
    }

    /// <summary>Rolls back. Whoever waits for it is told.</summary>
    public void End(string why)
    {
        if (IsOver)
            return;
        IsOver = true;
        server.Ended(this);
        failed(why);
    }

    /// <summary>Gives what is new its numbers, as they were reserved. At the gateway, before it asks for the COMMIT.</summary>
    public void Number(BatchState state)
    {
        foreach (var device in state.Devices.Values)
        {
            if (device is { Changed: true, DeviceId: 0 })
                device.DeviceId = _newDevices[device.Key];
        }
        foreach (var topic in state.Topics.Values)
        {
            if (topic is { Changed: true, TopicId: 0 })
                topic.TopicId = _newTopics[topic.Key];
            else if (topic.Changed && !_locked.Contains(topic.TopicId))
                throw new InvalidOperationException("The batch changes a topic that is not locked.");
        }
    }

    /// <summary>The gateway asks for the COMMIT. The answer is whether it is on disk.</summary>
    public void Commit(BatchState state, BatchWrites writes, TimeSpan way, Action<bool> answer)
    {
        IsCommitting = true;
        server.Run.Time.After(way, () =>
        {
            if (server.Disk.IsAway)
                End("away");
            var isDone = !IsOver;
            if (isDone)
            {
                IsOver = true;
                server.Run.Guard("the log", () => server.Disk.Commit(state, writes, writer));
                server.Ended(this);
            }
            answer(isDone);
        });
    }

    private void LockAbsent()
    {
        var slots = new SortedSet<int>();
        foreach (var key in keys.Devices.Where(d => !Data.Devices.ContainsKey(d)))
        {
            slots.Add(Slot($"{key.Tenant}/{key.User}/{key.Device}"));
            Data.Numbers = Data.Numbers with { Device = _newDevices[key] = Data.Numbers.Device + 1 };
        }
        foreach (var key in keys.Topics.Where(t => Data.Find(t) is null))
        {
            slots.Add(Slot($"{key.Tenant}/{key.Name}"));
            Data.Numbers = Data.Numbers with { Topic = _newTopics[key] = Data.Numbers.Topic + 1 };
        }
        Lock(slots.Select(slot => $"slot {slot}"), LockDevices);
    }

    private void LockDevices()
    {
        var ids = keys.Devices.Select(d => Data.Devices.GetValueOrDefault(d)?.Id).OfType<long>().Order();
        Lock(ids.Select(id => $"device {id}"), LockTopics);
    }

    // Only where somebody asked about belongs to it, or nobody is asked about.
    private void LockTopics()
    {
        var asked = keys.Members.Select(m => m.Topic).ToHashSet();
        foreach (var key in keys.Topics)
        {
            if (Data.Find(key) is not { } topic)
                continue;
            var isOpen = !asked.Contains(key) || (TopicName.TryParse(key.Name, out var kind, out _) && kind == TopicKind.User);
            if (isOpen || keys.Members.Any(m => m.Topic == key && topic.Members.GetValueOrDefault(m.User)?.Present == true))
                _locked.Add(topic.Id);
        }
        Lock(_locked.Order().Select(id => $"topic {id}"), Load);
    }

    private void Load()
    {
        var state = Data.Load(
            keys,
            new BatchState { Epoch = Data.Epoch, LastBatch = LastBatch, TimeMs = server.Run.Time.UnixMs },
            topic => !_locked.Contains(topic.Id));
        loaded(state);
        server.Run.Time.After(IdleTimeout, () =>
        {
            if (IsCommitting || IsOver)
                return;
            server.Run.Saw(Sight.BatchLostItsLocks);
            End("idle for too long");
        });
    }

    private ulong LastBatch => server.Run.Bug == PlantedBug.OneCountForAllWriters ? Data.Batches : Data.Writers.GetValueOrDefault(writer);

    private void Lock(IEnumerable<string> names, Action then) => LockNext(new Queue<string>(names), then);

    private void LockNext(Queue<string> names, Action then)
    {
        while (!IsOver && names.TryDequeue(out var name))
        {
            if (server.Run.Bug == PlantedBug.NoRowLocks || server.Locks.TryTake(name, this, () => GoOn(names, then)))
                continue;
            server.Run.Saw(Sight.BatchWaitedForLock);
            var wait = ++_waits;
            server.Run.Time.After(LockTimeout, () =>
            {
                if (_waits != wait || IsOver)
                    return;
                server.Run.Saw(Sight.BatchGaveUpWaiting);
                End("a lock was held for too long");
            });
            return;
        }
        if (!IsOver)
            then();
    }

    private void GoOn(Queue<string> names, Action then)
    {
        _waits++;
        LockNext(names, then);
    }

    private static int Slot(string name)
    {
        var hash = 2166136261u;
        foreach (var letter in name)
            hash = (hash ^ letter) * 16777619u;
        return (int)(hash % Slots);
    }
}
