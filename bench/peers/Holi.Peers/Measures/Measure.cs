namespace Holi.Peers.Measures;

/// <summary>On which server a measure runs.</summary>
internal enum OnServer
{
    /// <summary>One that has measured others before.</summary>
    Shared,
    /// <summary>A fresh one, which the measure warms up as it needs it.</summary>
    Own,
    /// <summary>A fresh one without the thread pool's spinning; for .NET peers that spin.</summary>
    OwnSpinless,
    /// <summary>The shared one, as the last: it kills it.</summary>
    SharedLast,
}

/// <summary>One measure of the comparison.</summary>
internal sealed record Measure(string Name, OnServer On, Func<Bench, CancellationToken, Task<Figures>> Run)
{
    /// <summary>Rounds in which it takes part at most: what hardly varies is not repeated.</summary>
    public int RoundsMax { get; init; } = int.MaxValue;

    /// <summary>What comes before them on every fresh server but one that warms itself up.</summary>
    public static Measure WarmUp { get; } = new("warm-up", OnServer.Shared, async (bench, cancel) =>
    {
        await Measures.WarmUp.RunAsync(bench, cancel);
        return new Figures();
    });

    /// <summary>In the order in which they run.</summary>
    public static IReadOnlyList<Measure> All { get; } =
    [
        new("idle", OnServer.Own, IdleMeasure.RunAsync) { RoundsMax = 1 },
        new("connect", OnServer.Shared, ConnectMeasure.RunAsync),
        new("fanout", OnServer.Shared, FanoutMeasure.RunAsync),
        new("pairs", OnServer.Shared, PairsMeasure.RunAsync),
        new("bytes", OnServer.Shared, BytesMeasure.RunAsync) { RoundsMax = 1 },
        new("up", OnServer.Shared, PipelinedUpMeasure.RunAsync),
        new("down", OnServer.Shared, QueuedDownMeasure.RunAsync),
        new("kill", OnServer.SharedLast, KillMeasure.RunAsync) { RoundsMax = 1 },
        new("pairs-spinless", OnServer.OwnSpinless, PairsMeasure.RunAsync) { RoundsMax = 1 },
    ];
}
