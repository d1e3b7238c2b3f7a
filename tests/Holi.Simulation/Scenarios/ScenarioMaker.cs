using Holi.Simulation.Time;
using Holi.Wire.Lanes;

namespace Holi.Simulation.Scenarios;

/// <summary>
/// Makes a scenario of a seed. Each has only some kinds of steps and faults (swarm testing): what happens often in one run is absent from
/// another, and both find what the average never meets.
/// </summary>
internal static class ScenarioMaker
{
    private static readonly (StepKind Kind, int Weight)[] Work =
    [
        (StepKind.Create, 6), (StepKind.Post, 40), (StepKind.BigPost, 2), (StepKind.Mark, 10), (StepKind.React, 4), (StepKind.Edit, 4),
        (StepKind.Delete, 4), (StepKind.Add, 5), (StepKind.Remove, 4), (StepKind.Role, 3), (StepKind.Leave, 2), (StepKind.Rename, 2),
        (StepKind.Type, 3), (StepKind.Watch, 4), (StepKind.History, 3), (StepKind.Foreground, 2), (StepKind.Background, 2), (StepKind.ConnectNow, 1),
    ];

    private static readonly (StepKind Kind, int Weight)[] Faults =
    [
        (StepKind.Cut, 20), (StepKind.NetworkDown, 8), (StepKind.NetworkSignal, 4), (StepKind.SlowLink, 4), (StepKind.GatewayCrash, 8),
        (StepKind.GatewayDrain, 4), (StepKind.GatewayPause, 3), (StepKind.StoreAway, 4), (StepKind.CommitFails, 5), (StepKind.AnswerLost, 6),
        (StepKind.StoreSlow, 4), (StepKind.BackUp, 4), (StepKind.Restore, 3), (StepKind.DeviceCrash, 6), (StepKind.CrashAtWrite, 12),
        (StepKind.DeviceFull, 4), (StepKind.DeviceStop, 4), (StepKind.DeviceBackUp, 3), (StepKind.DeviceRestore, 3), (StepKind.Clone, 3),
        (StepKind.TokenDown, 3), (StepKind.HelloHeld, 6),
    ];

    public static Scenario Make(ulong seed)
    {
        var random = new SimRandom(seed).Split("scenario");
        var sizes = SizesOf(random);
        var devices = sizes.DevicesOf.Sum();
        var work = Swarm(Work, random, keep: 0.8);
        var faults = Swarm(Faults, random, keep: 0.3);
        var lengthMs = (int)random.Duration(500, 60_000).TotalMilliseconds;
        var steps = new List<ScenarioStep>();
        // Everybody begins with something to talk in, mostly before they were ever connected.
        steps.Add(new ScenarioStep(random.Below(50), StepKind.Create, random.Below(devices), random.Below(3), random.Below(16)));
        for (var left = random.Between(5, 45); left > 0; left--)
        {
            var at = random.Below(lengthMs);
            var kind = Pick(work, random);
            var device = random.Below(devices);
            // People write in bursts.
            for (var burst = kind is StepKind.Post or StepKind.Mark && random.Chance(0.2) ? random.Between(2, 12) : 1; burst > 0; burst--)
                steps.Add(new ScenarioStep(at + random.Below(30), kind, device, random.Below(8), random.Below(64)));
        }
        for (var left = random.Between(0, 12); left > 0 && faults.Count > 0; left--)
        {
            var step = new ScenarioStep(random.Below(lengthMs), Pick(faults, random), random.Below(devices), random.Below(64), random.Below(64));
            steps.Add(step);
            if (step.Kind is StepKind.Clone or StepKind.DeviceBackUp)
                Diverge(steps, step, devices, random);
        }
        // The first generation is given once in a device's life: die around it now and then.
        if (random.Chance(0.1))
            steps.Add(new ScenarioStep(0, StepKind.CrashAtWrite, random.Below(devices), 2, random.Below(16)));
        // An app that dies again and again: the Hellos of its lives overtake each other.
        if (random.Chance(0.1))
            Stumble(steps, random.Below(lengthMs), random.Below(devices), random);
        steps.Sort((a, b) => a.AtMs.CompareTo(b.AtMs));
        return new Scenario(seed, sizes, steps);
    }

    private static void Stumble(List<ScenarioStep> steps, int atMs, int device, SimRandom random)
    {
        for (var left = random.Between(2, 5); left > 0; left--)
            steps.Add(new ScenarioStep(atMs + random.Below(1_000), StepKind.DeviceCrash, device, random.Below(6), 0));
    }

    // Two copies of a device say different things under the same seqs, some of them too long to be sent behind Hello.
    private static void Diverge(List<ScenarioStep> steps, ScenarioStep copied, int devices, SimRandom random)
    {
        for (var left = random.Between(2, 8); left > 0; left--)
        {
            var kind = random.Chance(0.3) ? StepKind.BigPost : StepKind.Post;
            var device = random.Chance(0.5) ? copied.Device : devices;
            steps.Add(new ScenarioStep(copied.AtMs + random.Between(-300, 4_000), kind, device, random.Below(8), random.Between(56, 63)));
        }
        if (copied.Kind == StepKind.DeviceBackUp)
            steps.Add(new ScenarioStep(copied.AtMs + random.Between(1_000, 6_000), StepKind.DeviceRestore, copied.Device, random.Below(14), 0));
        else if (random.Chance(0.5))
            steps.Add(new ScenarioStep(copied.AtMs - 200, StepKind.NetworkDown, copied.Device, random.Between(9, 13), 1));
    }

    private static Sizes SizesOf(SimRandom random)
    {
        var people = random.Between(2, 4);
        var devices = Enumerable.Range(0, people).Select(_ => random.Chance(0.3) ? 2 : 1).ToArray();
        return new Sizes
        {
            Tenants = random.Chance(0.15) ? 2 : 1,
            People = people,
            DevicesOf = devices,
            TokenMs = random.Chance(0.3) ? random.Between(2_000, 20_000) : 3_600_000,
            Backlog = random.Chance(0.3) ? random.Between(0, 6) : 200,
            TailEvents = Small(random, 1, 4, 1_024),
            PageEvents = Small(random, 1, 5, 512),
            PageBytes = Small(random, 50, 2_000, 64 << 10),
            CommandBytesInFlight = Small(random, 1, 5_000, 1 << 20),
            LiveBytes = Small(random, 40, 400, 48 << 10),
            HeartbeatMs = Small(random, 1_000, 5_000, 25_000),
            RecentHeads = Small(random, 1, 4, 16_384),
            BatchInputs = Small(random, 1, 4, 1_024),
            OutboxCommands = Small(random, 3, 12, 10_000),
            FloorStep = Small(random, 2, 6, 8_192),
            PageCommands = Small(random, 2, 5, 512),
            UnstoredBytes = Small(random, 10, 200, 4 << 20),
            BulkWindow = Small(random, LaneSets.PieceBytesMax, 150_000, 1 << 20),
            LatencyMs = random.Between(1, 300),
            MonitorTells = random.Chance(0.5),
            CommandsInFlight = Small(random, 1, 6, 4_096),
            OpeningsReserved = Small(random, 2, 4, 1_000_000),
        };
    }

    private static int Small(SimRandom random, int least, int most, int usual) => random.Chance(0.3) ? random.Between(least, most) : usual;

    internal static List<(StepKind Kind, int Weight)> Swarm((StepKind, int)[] all, SimRandom random, double keep) =>
        [.. all.Where(_ => random.Chance(keep))];

    internal static StepKind Pick(List<(StepKind Kind, int Weight)> kinds, SimRandom random)
    {
        if (kinds.Count == 0)
            return StepKind.Post;
        var at = random.Below(kinds.Sum(k => k.Weight));
        foreach (var (kind, weight) in kinds)
        {
            if ((at -= weight) < 0)
                return kind;
        }
        return kinds[^1].Kind;
    }
}
