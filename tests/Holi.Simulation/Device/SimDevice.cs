using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Holi.Client;
using Holi.Client.Engine;
using Holi.Gateway.Storage;
using Holi.Simulation.Gateway;
using Holi.Simulation.Network;
using Holi.Simulation.Proof;
using Holi.Simulation.Time;
using Holi.Wire;

namespace Holi.Simulation.Device;

/// <summary>A device over all lives of its app: its disk, its network, and the shell around the real engine.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The simulated store holds memory alone.")]
internal sealed class SimDevice : IEngineHost
{
    private readonly Run _run;
    private readonly SimRandom _random;
    private readonly ArrayBufferWriter<byte> _message = new();
    private SimLink? _link;
    private int _opening;
    private SimDeviceStore _store = null!;
    private TimeSpan _timerAt = TimeSpan.MaxValue;

    public SimDevice(Run run, string copy, string tenant, string user, DeviceDisk disk)
    {
        (_run, Copy, Tenant, User, Disk) = (run, copy, tenant, user, disk);
        _random = run.Random.Split("device " + copy);
        NetworkRandom = run.Random.Split("network " + copy);
        RoamRandom = run.Random.Split("roam " + copy);
        Process = new SimProcess(run.Time);
        App = new DeviceApp(run, this);
        Process.Kill();
    }

    /// <summary>Which device, and which copy of it.</summary>
    public string Copy { get; }
    /// <summary>Counts the disks it has had: what was queued on an earlier one may live on in a copy, in an order of its own.</summary>
    public int Lineage { get; set; }
    /// <summary>Which of all disks it has now.</summary>
    public (string Copy, int Lineage) DiskName => (Copy, Lineage);
    public string Tenant { get; }
    public string User { get; }
    public DeviceDisk Disk { get; set; }
    public DeviceKey Key => new(Tenant, User, Disk.Device);
    /// <summary>
    /// Another disk that says it is this device took over. Of several gateways one may hear from the log of an opening whose own gateway has not heard of it
    /// yet, or never will: then it is enough that there is a copy.
    /// </summary>
    public bool IsFencedByCopy =>
        (_run.Speakers.TryGetValue(Key, out var speaker) && speaker.Disk != DiskName) || (_run.Gateways.AreSeveral && _run.Copied.Contains(Key));
    public SimRandom NetworkRandom { get; }
    public SimRandom RoamRandom { get; }
    /// <summary>The gateway that its last socket came to, where there are several; −1 before the first.</summary>
    public int LastPlace { get; set; } = -1;
    public PipeQuality Up { get; } = new();
    public PipeQuality Down { get; } = new();
    public SimProcess Process { get; private set; }
    public DeviceEngine? Engine { get; private set; }
    public DeviceApp App { get; }
    public bool IsNetworkUp { get; set; } = true;
    public bool IsFull { get; set; }
    public bool HasTokens { get; set; } = true;
    public CrashPoint? CrashAt { get; set; }
    /// <summary>The next socket is opened at a gateway that is paused for a time; perhaps the app dies as soon as it has said Hello.</summary>
    public (TimeSpan For, bool DiesAfter)? HelloHeld { get; set; }
    /// <summary>How many sockets it has opened, over all its lives.</summary>
    public int Sockets { get; set; }
    /// <summary>Not started again: another copy of the same device has its turn.</summary>
    public bool IsRetired { get; set; }

    public bool IsRunning => Process is { IsAlive: true, IsStopped: false };

    private EngineTime Now => new(_run.Time.Now, _run.Time.UnixMs);

    public void Start()
    {
        if (Process.IsAlive || IsRetired)
            return;
        Process = new SimProcess(_run.Time);
        _timerAt = TimeSpan.MaxValue;
        // Opening a store syncs what it finds.
        Disk.Synced = null;
        _store = new SimDeviceStore(Disk, _run.History, Copy, _run.Bug);
        _run.Guard("a device's start", () =>
        {
            Engine = new DeviceEngine(_run.EngineOptionsOf(this), this, _random.NextDouble, StoreContent.Read(_store), Now);
            Engine.Start(Now);
        });
        AfterInput();
    }

    /// <summary>The app's process ends without a word.</summary>
    public void Kill()
    {
        if (!Process.IsAlive)
            return;
        Process.Kill();
        App.Killed();
        _link?.DropByDevice();
        _link = null;
        Engine = null;
        foreach (var (topic, cursor) in Disk.UnsyncedCursors)
        {
            if (Disk.Topics.TryGetValue(topic, out var kept) && kept.Topic.Cursor > cursor && _run.Bug == PlantedBug.NoClientDedup)
                Disk.Topics[topic] = kept with { Topic = kept.Topic with { Cursor = cursor } };
        }
        Disk.UnsyncedCursors.Clear();
    }

    /// <summary>The device loses its power: its process ends, and what was not synced is gone.</summary>
    public void CutPower()
    {
        Kill();
        if (Disk.Synced is not { } synced)
            return;
        _run.Saw(Sight.WrittenLostInPowerCut);
        Disk = synced;
        _run.History.Add(new DeviceReplaced(Copy, synced.Clone()));
    }

    public void Stop() => Process.Stop();

    public void Continue()
    {
        Process.Continue();
        _link?.Down.Drain();
        if (IsRunning)
            AfterInput();
    }

    /// <summary>Something happens to the engine.</summary>
    public void Input(Action<DeviceEngine, EngineTime> input)
    {
        if (!IsRunning || Engine is null)
            return;
        _run.Guard("a device", () => input(Engine, Now));
        AfterInput();
    }

    public void OnMessage(int connection, byte[] message)
    {
        _run.History.Mix(message);
        Input((engine, now) => engine.OnMessage(connection, new ReadOnlySequence<byte>(message), now));
    }

    public void OnClosed(int connection, int status) => Input((engine, now) => engine.OnClosed(connection, status, now));

    public bool IsReading(int connection)
    {
        if (Engine is null || Engine.MayReceive)
            return Engine is not null;
        _run.Saw(Sight.DeviceHeldReading);
        return connection < 0;
    }

    public void Cut(CutKind kind) => _link?.Cut(kind);

    public void Pump()
    {
        var sent = false;
        while (IsRunning && Engine is not null && _link is { IsOpenAtDevice: true } link && link.Up.HasRoom)
        {
            _message.ResetWrittenCount();
            if (!_run.Guard("a device", () => Engine.TryFill(_message, Now)))
                break;
            link.Up.Send(_message.WrittenSpan.ToArray());
            sent = true;
        }
        if (sent)
            SetTimer();
    }

    // ---- what the engine asks for ----

    void IEngineHost.Connect(int connection)
    {
        (_link, _opening) = (null, connection);
        Process.After(_random.Duration(1, 80), () =>
        {
            // Dropped, or begun anew, before it was open.
            if (_opening != connection)
                return;
            if (!IsNetworkUp || _run.Gateways.Share(this) is not { } gateway)
            {
                _run.Saw(Sight.ConnectRefused);
                // A network that is away says nothing: the engine's own patience ends the attempt.
                if (_random.Chance(0.7))
                    Input((engine, now) => engine.OnClosed(connection, 0, now));
                return;
            }
            var link = new SimLink(_run, this, connection);
            if (HelloHeld is { } held)
                Hold(link, held.For, held.DiesAfter);
            else
                gateway.Accept(link);
            _link = link;
            Input((engine, now) => engine.OnOpened(connection, now));
        });
    }

    private void Hold(SimLink link, TimeSpan time, bool dies)
    {
        HelloHeld = null;
        _run.Time.After(time, () => _run.Gateways.AcceptLate(this, link));
        if (dies)
            Process.After(_random.Duration(0.1, 20), () => Crash(TimeSpan.FromMilliseconds(_random.Between(1, 500)), isPower: _random.Chance(0.3)));
    }

    void IEngineHost.Drop(int connection, HoliCode code)
    {
        _link?.DropByDevice();
        (_link, _opening) = (null, 0);
    }

    void IEngineHost.Write(IReadOnlyList<StoreWrite> batch)
    {
        var crash = CrashAt is { } point && point.Concerns(batch) ? CrashAt : null;
        if (crash is not null)
            CrashAt = null;
        Process.After(_random.Duration(0.02, 8), () =>
        {
            if (crash is { IsAfter: false })
            {
                Crash(crash);
                return;
            }
            DeviceStoreException? failure = null;
            if (IsFull && batch.Any(write => write is ReserveOpenings))
                _run.Saw(Sight.OpeningsNotReserved);
            _store.IsFull = IsFull;
            _run.Guard("a device's store", () =>
            {
                try
                {
                    _store.Write(batch);
                }
                catch (DeviceStoreException full)
                {
                    failure = full;
                }
            });
            if (failure is null)
                App.Wrote(batch);
            if (crash is not null)
            {
                Crash(crash);
                return;
            }
            var changed = failure is null && batch is [StartGeneration] ? _store.ReadIdentity() : null;
            Process.After(_random.Duration(0.01, 3), () => Input((engine, now) =>
            {
                if (failure is null)
                    engine.OnWritten(changed, now);
                else
                    engine.OnWriteFailed(failure, now);
            }));
        });
    }

    void IEngineHost.ReadOutbox(int read, ulong after, int countMax, int bytesMax) =>
        Process.After(_random.Duration(0.02, 3), () =>
        {
            var page = _store.ReadOutbox(after, countMax, bytesMax);
            Process.After(_random.Duration(0.01, 2), () => Input((engine, now) => engine.OnOutboxRead(read, page, now)));
        });

    void IEngineHost.FetchToken() => Process.After(_random.Duration(1, 200), () => Input((engine, now) =>
    {
        if (HasTokens)
            engine.OnToken(SimToken.Make(Tenant, User, _run.Time.UnixMs + _run.TokenMs), now);
        else
            engine.OnTokenFailed(now);
        if (!HasTokens)
            _run.Saw(Sight.TokenCallbackFailed);
    }));

    void IEngineHost.Notify(EngineNotice notice) => App.On(notice);

    private void Crash(CrashPoint point)
    {
        _run.Saw(point.Sight);
        Crash(point.Downtime, point.IsPower);
    }

    private void Crash(TimeSpan downtime, bool isPower)
    {
        if (isPower)
            CutPower();
        else
            Kill();
        _run.Time.After(downtime, Start);
    }

    private void AfterInput()
    {
        if (Engine is null)
            return;
        Pump();
        _link?.Down.Drain();
        SetTimer();
    }

    private void SetTimer()
    {
        if (Engine is null || Engine.NextDeadline >= _timerAt || Engine.NextDeadline == TimeSpan.MaxValue)
            return;
        var at = _timerAt = Engine.NextDeadline;
        var process = Process;
        _run.Time.At(at, () => process.Run(() =>
        {
            if (_timerAt != at)
                return;
            _timerAt = TimeSpan.MaxValue;
            if (Engine is not null && Engine.NextDeadline <= _run.Time.Now)
                Input((engine, now) => engine.Poll(now));
            else
                SetTimer();
        }));
    }
}
