namespace Holi.Load.Chaos.Faults;

/// <summary>Strikes up to three faults at a time, each for a moment, until it is told to stop; then all are healed.</summary>
internal sealed class FaultStorm(IReadOnlyList<Fault> faults, int seed, TimeProvider time)
{
    private const int AtATime = 3;
    private static readonly TimeSpan HeldLeast = TimeSpan.FromSeconds(1), HeldMost = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan BetweenMost = TimeSpan.FromSeconds(1.5);

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, int> _struck = [];

    /// <summary>How often each was struck.</summary>
    public IReadOnlyDictionary<string, int> Struck => _struck;

    /// <summary>What leans on others is struck before them and healed after them: a gateway does not start without its log.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken cancel)
    {
        while (!stop.IsCancellationRequested)
        {
            var chosen = Choose();
            Console.Error.WriteLine($"strikes: {string.Join(", ", chosen.Select(fault => $"{fault.Name} ({fault.Victim})"))}");
            await StrikeAsync(chosen, stop, cancel);
            await WaitAsync(BetweenMost * _random.NextDouble(), stop);
        }
    }

    private async Task StrikeAsync(List<Fault> chosen, CancellationToken stop, CancellationToken cancel)
    {
        var struck = new List<Fault>();
        try
        {
            foreach (var fault in chosen.OrderByDescending(fault => fault.LeansOnOthers))
            {
                struck.Add(fault);
                await fault.StrikeAsync(cancel);
                _struck[fault.Name] = _struck.GetValueOrDefault(fault.Name) + 1;
            }
            await WaitAsync(HeldLeast + ((HeldMost - HeldLeast) * _random.NextDouble()), stop);
            foreach (var fault in chosen.OrderBy(fault => fault.LeansOnOthers))
            {
                await fault.HealAsync(cancel);
                struck.Remove(fault);
            }
        }
        finally
        {
            foreach (var fault in struck.Where(fault => fault.Outlasts))
                await fault.HealAsync(CancellationToken.None);
        }
    }

    // Those struck least often first, so that each has its turn in a short run, too.
    private List<Fault> Choose()
    {
        var chosen = new List<Fault>();
        foreach (var fault in faults.OrderBy(fault => _struck.GetValueOrDefault(fault.Name)).ThenBy(_ => _random.Next()))
        {
            if (chosen.Count < AtATime && chosen.TrueForAll(other => other.Victim != fault.Victim && other.Name != fault.Name))
                chosen.Add(fault);
        }
        return chosen;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        try
        {
            await Task.Delay(wait, time, stop);
        }
        catch (OperationCanceledException)
        {
            // Time to heal.
        }
    }
}
