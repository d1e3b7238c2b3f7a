using System.Diagnostics;
using Holi.Simulation.Proof;

namespace Holi.Simulation;

/// <summary>Many runs, on every core, until a time or a number is reached, or as many failed as are wanted.</summary>
public sealed class Campaign
{
    private readonly Lock _lock = new();
    private long _next;
    private long _runs;

    /// <summary>The first seed; the others follow.</summary>
    public ulong From { get; init; } = 1;
    public long RunsMax { get; init; } = long.MaxValue;
    public TimeSpan TimeMax { get; init; } = TimeSpan.MaxValue;
    public int FailuresMax { get; init; } = 1;
    public PlantedBug Bug { get; init; }
    /// <summary>Runs of several gateways.</summary>
    public bool OfSeveral { get; init; }
    public int Threads { get; init; } = Environment.ProcessorCount;

    public long Runs => _runs;
    public TimeSpan Took { get; private set; }
    public List<Verdict> Failures { get; } = [];
    public Sightings Sightings { get; } = new();
    public TimeSpan LongestQuiet { get; private set; }
    public long Happened { get; private set; }

    public Campaign Begin()
    {
        var watch = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() => Work(watch))).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Took = watch.Elapsed;
        return this;
    }

    private void Work(Stopwatch watch)
    {
        while (watch.Elapsed < TimeMax && Volatile.Read(ref _runs) < RunsMax)
        {
            var number = Interlocked.Increment(ref _next) - 1;
            if (number >= RunsMax)
                return;
            var seed = From + (ulong)number;
            var verdict = OfSeveral ? Run.OfSeveral(seed, Bug) : Run.Of(seed, Bug);
            lock (_lock)
            {
                _runs++;
                Happened += verdict.Happened;
                Sightings.Add(verdict.Sightings);
                LongestQuiet = verdict.Quiet > LongestQuiet ? verdict.Quiet : LongestQuiet;
                if (verdict.Failure is not null)
                    Failures.Add(verdict);
                if (Failures.Count >= FailuresMax)
                    return;
            }
        }
    }
}
