using Holi.Simulation.Proof;

namespace Holi.Simulation.Scenarios;

/// <summary>
/// Makes a failing scenario smaller while it fails against the same invariant: leaves out steps, halves of them first, then sets sizes back
/// to what is usual.
/// </summary>
public static class Shrinker
{
    public static Scenario Shrink(Scenario scenario, PlantedBug bug = PlantedBug.None, int triesMax = 2_000)
    {
        var invariant = Run.Of(scenario, bug).Failure?.Invariant ?? throw new ArgumentException("The scenario does not fail.");
        bool Fails(Scenario smaller) => triesMax-- > 0 && Run.Of(smaller, bug).Failure?.Invariant == invariant;

        var steps = scenario.Steps.ToList();
        for (var size = Math.Max(1, steps.Count / 2); size >= 1; size = size == 1 ? 0 : size / 2)
        {
            for (var at = 0; at < steps.Count;)
            {
                var fewer = steps.ToList();
                fewer.RemoveRange(at, Math.Min(size, steps.Count - at));
                if (Fails(scenario with { Steps = fewer }))
                    steps = fewer;
                else
                    at += size;
            }
        }
        scenario = scenario with { Steps = steps };
        foreach (var simpler in Simpler)
        {
            var candidate = scenario with { Sizes = simpler(scenario.Sizes) };
            if (candidate.Sizes != scenario.Sizes && Fails(candidate))
                scenario = candidate;
        }
        return scenario;
    }

    private static readonly Sizes Usual = new();

    private static readonly Func<Sizes, Sizes>[] Simpler =
    [
        s => s with { Tenants = 1 }, s => s with { DevicesOf = [.. s.DevicesOf.Select(_ => 1)] }, s => s with { TokenMs = Usual.TokenMs },
        s => s with { Backlog = Usual.Backlog }, s => s with { TailEvents = Usual.TailEvents }, s => s with { PageEvents = Usual.PageEvents },
        s => s with { PageBytes = Usual.PageBytes }, s => s with { CommandBytesInFlight = Usual.CommandBytesInFlight },
        s => s with { CommandsInFlight = Usual.CommandsInFlight },
        s => s with { LiveBytes = Usual.LiveBytes }, s => s with { HeartbeatMs = Usual.HeartbeatMs },
        s => s with { RecentHeads = Usual.RecentHeads }, s => s with { BatchInputs = Usual.BatchInputs },
        s => s with { OutboxCommands = Usual.OutboxCommands }, s => s with { FloorStep = Usual.FloorStep },
        s => s with { PageCommands = Usual.PageCommands }, s => s with { UnstoredBytes = Usual.UnstoredBytes },
        s => s with { BulkWindow = Usual.BulkWindow }, s => s with { OpeningsReserved = Usual.OpeningsReserved },
        s => s with { MonitorTells = true },
        s => s with { Gateways = Math.Min(s.Gateways, 2) }, s => s with { LineLossPercent = 0 }, s => s with { LineTwicePercent = 0 },
        s => s with { LineDelayMs = 0 }, s => s with { InlineBytes = 0 }, s => s with { LogDelayMs = 0 }, s => s with { NoLine = false },
        s => s with { LineMessageBytes = 0 }, s => s with { LineOutbox = 0 }, s => s with { CompareSlice = 0 }, s => s with { ComparePerRound = 0 },
        s => s with { RoomsPerRound = 0 }, s => s with { MembershipNotes = 0 },
    ];
}
