using Holi.Simulation.Time;

namespace Holi.Simulation.Scenarios;

/// <summary>
/// Makes a seed's scenario one of several gateways: the same people doing the same, with more that goes wrong between gateways, and with members who
/// are removed and come back in the middle of it all. Of a random stream of its own, so that the runs of one gateway stay as they were.
/// </summary>
internal static class ClusterScenario
{
    private static readonly (StepKind Kind, int Weight)[] Faults =
    [
        (StepKind.GatewayPause, 12), (StepKind.GatewayCrash, 6), (StepKind.GatewayDrain, 3), (StepKind.LineDead, 5), (StepKind.LineBad, 8),
        (StepKind.LineDeaf, 6), (StepKind.Cut, 12), (StepKind.HelloHeld, 4), (StepKind.AnswerLost, 4), (StepKind.CommitFails, 5), (StepKind.StoreSlow, 3),
        (StepKind.StoreAway, 2), (StepKind.LogCut, 6),
    ];

    public static Scenario Make(ulong seed)
    {
        var alone = ScenarioMaker.Make(seed);
        var random = new SimRandom(seed).Split("cluster");
        var sizes = alone.Sizes with
        {
            Gateways = random.Between(2, 3),
            NoLine = random.Chance(0.1),
            LineLossPercent = random.Chance(0.4) ? random.Between(1, 60) : 0,
            LineTwicePercent = random.Chance(0.3) ? random.Between(1, 50) : 0,
            LineDelayMs = (int)random.Duration(1, random.Chance(0.3) ? 8_000 : 30).TotalMilliseconds,
            LogDelayMs = random.Chance(0.4) ? (int)random.Duration(5, 400).TotalMilliseconds : 0,
            InlineBytes = Small(random, 40, 400),
            LineMessageBytes = Small(random, 500, 1_500),
            LineOutbox = Small(random, 1, 6),
            CompareSlice = Small(random, 1, 3),
            ComparePerRound = Small(random, 1, 4),
            RoomsPerRound = Small(random, 1, 2),
            MembershipNotes = Small(random, 1, 4),
        };
        var steps = alone.Steps.ToList();
        var lengthMs = Math.Max(500, steps.Max(s => s.AtMs));
        var devices = sizes.DevicesOf.Sum();
        var faults = ScenarioMaker.Swarm(Faults, random, keep: 0.4);
        for (var left = random.Between(0, 10); left > 0 && faults.Count > 0; left--)
            steps.Add(new ScenarioStep(random.Below(lengthMs), ScenarioMaker.Pick(faults, random), random.Below(devices), random.Below(64), random.Below(64)));
        for (var left = random.Between(0, 4); left > 0; left--)
            Churn(steps, random.Below(lengthMs), devices, random);
        if (random.Chance(0.4))
        {
            Storm(steps, random.Below(lengthMs), devices, random);
            sizes = sizes with { LogDelayMs = random.Chance(0.7) ? random.Between(50, 600) : sizes.LogDelayMs };
        }
        return new Scenario(seed, sizes, [.. steps.OrderBy(s => s.AtMs)]);
    }

    // All lose their sockets at once and come back anywhere, while members change: what is read of a membership is old before it is used.
    private static void Storm(List<ScenarioStep> steps, int atMs, int devices, SimRandom random)
    {
        var room = random.Below(3);
        // Where a gateway begins anew it knows no topic yet.
        for (var place = 0; place < 3 && random.Chance(0.5); place++)
            steps.Add(new ScenarioStep(atMs + random.Below(100), StepKind.GatewayCrash, place, random.Below(8), 1));
        for (var device = 0; device < devices; device++)
        {
            steps.Add(new ScenarioStep(atMs + random.Below(200), StepKind.Cut, device, 0, 0));
            steps.Add(new ScenarioStep(atMs + random.Between(200, 700), StepKind.ConnectNow, device, 0, 0));
        }
        for (var left = random.Between(2, 10); left > 0; left--)
        {
            var kind = random.Pick<StepKind>([StepKind.Remove, StepKind.Remove, StepKind.Add, StepKind.Post, StepKind.Watch]);
            steps.Add(new ScenarioStep(atMs + random.Between(-200, 1_500), kind, random.Below(devices), room, random.Below(64)));
        }
    }

    private static int Small(SimRandom random, int least, int most) => random.Chance(0.2) ? random.Between(least, most) : 0;

    // Members are removed, spoken after, and come back: what each of them may see depends on the order in which every gateway learns of it.
    private static void Churn(List<ScenarioStep> steps, int atMs, int devices, SimRandom random)
    {
        var room = random.Below(3);
        for (var left = random.Between(3, 12); left > 0; left--)
        {
            var kind = random.Pick<StepKind>([StepKind.Remove, StepKind.Remove, StepKind.Add, StepKind.Post, StepKind.Post, StepKind.Post, StepKind.Watch, StepKind.Type]);
            steps.Add(new ScenarioStep(atMs, kind, random.Below(devices), room, random.Below(64)));
            atMs += (int)random.Duration(1, 400).TotalMilliseconds;
        }
    }
}
