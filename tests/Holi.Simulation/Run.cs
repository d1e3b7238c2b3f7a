using Holi.Client.Engine;
using Holi.Gateway;
using Holi.Gateway.Cluster;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Simulation.Device;
using Holi.Simulation.Gateway;
using Holi.Simulation.Line;
using Holi.Simulation.Log;
using Holi.Simulation.Network;
using Holi.Simulation.Proof;
using Holi.Simulation.Scenarios;
using Holi.Simulation.Time;

namespace Holi.Simulation;

/// <summary>What came of a run.</summary>
public sealed record Verdict(Scenario Scenario, Failure? Failure, ulong Hash, Sightings Sightings, TimeSpan Quiet, long Happened);

/// <summary>Who speaks for a device.</summary>
/// <param name="Disk">On which disk.</param>
/// <param name="Fence">Since which opening.</param>
/// <param name="Place">At which gateway.</param>
internal readonly record struct Speaker((string Copy, int Lineage) Disk, ulong Fence, int Place);

/// <summary>
/// One run: people with devices, a network, gateways, a log, and what happens to them. Everything in it is made of the scenario, in one
/// thread and in virtual time; the machines are the real ones.
/// </summary>
public sealed class Run
{
    // Many times what the longest run takes: beyond it something turns in a circle.
    private const long HappenMax = 60_000;

    private readonly Deeds _deeds;
    private readonly Mishaps _mishaps;
    private readonly Sightings _sightings = new();

    internal Run(Scenario scenario, PlantedBug bug)
    {
        (Scenario, Bug) = (scenario, bug);
        Random = new SimRandom(scenario.Seed);
        Disk = new LogDisk(this);
        Exchange = new SimExchange(this);
        _deeds = new Deeds(this);
        _mishaps = new Mishaps(this);
        var sizes = scenario.Sizes;
        GatewayLimits = new GatewayLimits
        {
            TailEvents = sizes.TailEvents, PageEvents = sizes.PageEvents, PageBytes = sizes.PageBytes, LiveBytes = sizes.LiveBytes,
            CommandsInFlight = sizes.CommandsInFlight, CommandBytesInFlight = sizes.CommandBytesInFlight, Heartbeat = TimeSpan.FromMilliseconds(sizes.HeartbeatMs), RecentHeads = sizes.RecentHeads,
        };
        GatewayLimits = WithLimitsOf(sizes, GatewayLimits, bug);
        CommitLimits = new CommitLimits { BatchInputsMax = sizes.BatchInputs };
        Gateways = new GatewayPlaces(this);
    }

    public Scenario Scenario { get; }
    public PlantedBug Bug { get; }
    public SimRandom Random { get; }
    public VirtualTime Time { get; } = new();
    public History History { get; } = new();
    public LogDisk Disk { get; }
    public Failure? Failure { get; private set; }
    internal GatewayLimits GatewayLimits { get; }
    internal CommitLimits CommitLimits { get; }
    internal GatewayPlaces Gateways { get; }
    internal SimExchange Exchange { get; }
    internal List<SimDevice> Devices { get; } = [];
    internal int TokenMs => Scenario.Sizes.TokenMs;

    /// <summary>Devices of which there are, or were, two disks: forks are to be expected of them, and of nobody else.</summary>
    internal HashSet<DeviceKey> Copied { get; } = [];

    /// <summary>The disk whose opening of a device the log accepted last. Another disk is another copy of it: one of the two is to be fenced.</summary>
    internal Dictionary<DeviceKey, Speaker> Speakers { get; } = [];

    /// <summary>Numbers that each device has said of its sockets, as far as its Hellos arrived.</summary>
    internal HashSet<(DeviceKey Device, ulong Opening)> OpeningsSaid { get; } = [];

    /// <summary>Those who said one twice: lives that could not write share one (§6.5), and are not told apart.</summary>
    internal HashSet<DeviceKey> OpeningsShared { get; } = [];

    /// <summary>The log was put back: what was acknowledged since the backup is gone, and a new epoch says so.</summary>
    internal bool HasLostHistory { get; private set; }

    /// <summary>Devices that the log that was put back knew otherwise, or not at all.</summary>
    internal HashSet<DeviceKey> SetBack { get; } = [];

    public static Verdict Of(ulong seed, PlantedBug bug = PlantedBug.None) => Of(ScenarioMaker.Make(seed), bug);

    /// <summary>The seed's run with several gateways.</summary>
    public static Verdict OfSeveral(ulong seed, PlantedBug bug = PlantedBug.None) => Of(ClusterScenario.Make(seed), bug);

    public static Verdict Of(Scenario scenario, PlantedBug bug = PlantedBug.None)
    {
        // The machines' awaits must go on at once and here; a test's context would send them elsewhere.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return new Run(scenario, bug).Play();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    internal static string UserName(int person) => ((string[])["ana", "ben", "cleo", "dan", "eva"])[person];

    /// <summary>Commands whose effect carries their number.</summary>
    internal IReadOnlySet<int> NumberedCommands => _deeds.Numbered;

    /// <summary>The disk on which the command with this number was queued.</summary>
    internal (string Copy, int Lineage) OriginOf(int number) => _deeds.Origins[number];

    /// <summary>Where a person reads along; null in the many runs that nobody looks at.</summary>
    public static TextWriter? Diary { get; set; }

    internal void Note(FormattableString line) =>
        Diary?.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Time.Now.TotalMilliseconds,12:0.000} {line}"));

    internal void Saw(Sight sight) => _sightings.Add(sight);

    internal void Fail(char invariant, string words) =>
        Failure ??= new Failure(invariant, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"at {Time.Now.TotalSeconds:0.000} s: {words}"));

    internal void Fault(string where, Exception fault) => Fail('F', $"{where} threw {fault.GetType().Name}: {fault.Message}\n{fault.StackTrace}");

    /// <summary>A machine that throws is a failure of the run, not of the simulator.</summary>
    internal void Guard(string where, Action act) => Guard(where, () =>
    {
        act();
        return true;
    });

    /// <inheritdoc cref="Guard(string, Action)"/>
    internal bool Guard(string where, Func<bool> act)
    {
        try
        {
            return act();
        }
        catch (Exception fault)
        {
            Fault(where, fault);
            return false;
        }
    }

    private static GatewayLimits WithLimitsOf(Sizes sizes, GatewayLimits limits, PlantedBug bug)
    {
        static int Or(int size, int usual) => size == 0 ? usual : size;
        var usual = limits.Cluster;
        return limits with
        {
            MembershipNotes = Or(sizes.MembershipNotes, limits.MembershipNotes),
            Cluster = usual with
            {
                MessageBytesMax = Or(sizes.LineMessageBytes, usual.MessageBytesMax),
                InlineBytesMax = Math.Min(Or(sizes.InlineBytes, usual.InlineBytesMax), Or(sizes.LineMessageBytes, usual.MessageBytesMax) / 2),
                OutboxMax = Or(sizes.LineOutbox, usual.OutboxMax), CompareSlice = Or(sizes.CompareSlice, usual.CompareSlice),
                ComparePerRound = Or(sizes.ComparePerRound, usual.ComparePerRound), RoomsPerRound = Or(sizes.RoomsPerRound, usual.RoomsPerRound),
                CompareInterval = bug == PlantedBug.NeverCompared ? TimeSpan.FromHours(1) : usual.CompareInterval,
            },
        };
    }

    internal EngineOptions EngineOptionsOf(SimDevice device) => new()
    {
        User = device.User,
        Backlog = Scenario.Sizes.Backlog,
        Limits = new EngineLimits
        {
            OutboxCommandsMax = Scenario.Sizes.OutboxCommands, FloorStep = Scenario.Sizes.FloorStep, PageCommands = Scenario.Sizes.PageCommands,
            UnstoredBytesMax = Scenario.Sizes.UnstoredBytes, BulkWindowBytes = Scenario.Sizes.BulkWindow, OpeningsReserved = Scenario.Sizes.OpeningsReserved,
        },
    };

    internal SimDevice AddDevice(string copy, string tenant, string user, DeviceDisk disk)
    {
        var device = new SimDevice(this, copy, tenant, user, disk);
        device.Up.LatencyMostMs = device.Down.LatencyMostMs = Math.Max(1, Scenario.Sizes.LatencyMs);
        Devices.Add(device);
        return device;
    }

    /// <summary>An older copy takes the log's place, if there is one.</summary>
    internal void RestoreLog(TimeSpan downtime)
    {
        if (!Gateways.AreSeveral && !Gateways.KillTheOne())
            return;
        var before = Disk.Data.Devices;
        var isReplaced = Disk.Restore();
        if (isReplaced)
        {
            HasLostHistory = true;
            SetBack.UnionWith(before.Where(device => Disk.Data.Devices.GetValueOrDefault(device.Key) != device.Value).Select(device => device.Key));
            // Fences count on from what they were then.
            foreach (var (device, speaker) in Speakers.ToArray())
                Speakers[device] = speaker with { Fence = 0 };
        }
        if (!Gateways.AreSeveral)
            Gateways.StartTheOne(downtime);
        else if (isReplaced)
            Gateways.LogReplaced(downtime);
    }

    private Verdict Play()
    {
        Gateways.StartAll();
        AddDevices();
        foreach (var step in Scenario.Steps)
            Time.At(TimeSpan.FromMilliseconds(Math.Max(0, step.AtMs)), () => Do(step));
        var end = TimeSpan.FromMilliseconds(Scenario.Steps.Count == 0 ? 0 : Scenario.Steps.Max(s => s.AtMs));
        while (Step(end))
        {
        }
        var quiet = Failure is null ? new QuietEnd(this, _mishaps).Reach() : TimeSpan.Zero;
        if (Failure is null)
            new Checker(this).Check();
        History.Mix((ulong)Time.Happened);
        return new Verdict(Scenario, Failure, History.Hash, _sightings, quiet, Time.Happened);
    }

    /// <summary>Lets the next thing happen. False when the time is reached or the run has failed.</summary>
    internal bool Step(TimeSpan until)
    {
        if (Failure is null && Time.Happened > HappenMax)
            Fail('L', $"{HappenMax} things happened, and there is no end of it.");
        return Failure is null && Time.Step(until);
    }

    private void AddDevices()
    {
        for (var tenant = 0; tenant < Scenario.Sizes.Tenants; tenant++)
        {
            for (var person = 0; person < Scenario.Sizes.People; person++)
            {
                for (var number = 0; number < Scenario.Sizes.DevicesOf[person]; number++)
                {
                    var name = $"{UserName(person)}{number + 1}.t{tenant}";
                    var device = AddDevice(name, $"t{tenant}", UserName(person), new DeviceDisk($"d{number}"));
                    Time.After(Random.Duration(1, 400), device.Start);
                }
            }
        }
    }

    private void Do(ScenarioStep step)
    {
        var device = Devices[step.Device % Devices.Count];
        if (Diary is not null)
            Note($"-- {step.Kind} {device.Copy} {step.A} {step.B}");
        if (step.Kind < StepKind.Cut)
            _deeds.Do(device, step);
        else
            _mishaps.Do(device, step);
    }
}
