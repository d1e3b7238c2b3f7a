namespace Holi.Peers.Measures;

/// <summary>
/// A receiver goes away, a sender says ten thousand texts and is told that all are taken, the receiver comes back: how long until it has heard all of
/// them in order. Where the sender is not told, because the server stops reading from him, that is said.
/// </summary>
internal static class QueuedDownMeasure
{
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(200);

    private sealed record Outcome(double Milliseconds, long Missing, long OutOfOrder, long? StalledAt);

    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var figures = new Figures();
        if (!bench.Peer.Queues)
            return figures;
        var warmUp = await OnceAsync(bench, cancel);
        var outcomes = new List<Outcome>();
        // One that stops its sender takes seconds for each: that once is enough.
        if (warmUp.StalledAt is not null)
            outcomes.Add(warmUp);
        while (warmUp.StalledAt is null && outcomes.Count < bench.Sizes.Repeats)
            outcomes.Add(await OnceAsync(bench, cancel));
        if (outcomes.Max(outcome => outcome.Missing) is var missing and > 0)
            figures.Note($"queued: {missing} of {bench.Sizes.QueuedTexts} did not come");
        else
            figures.Add("ms", Bench.Median([.. outcomes.Select(outcome => outcome.Milliseconds)]));
        if (outcomes.Max(outcome => outcome.OutOfOrder) is var wrong and > 0)
            figures.Note($"queued: {wrong} texts did not follow their predecessor");
        if (outcomes.Min(outcome => outcome.StalledAt) is { } at)
            figures.Note($"queued: the sender is stopped after {at} texts until the receiver is back");
        return figures;
    }

    private static async Task<Outcome> OnceAsync(Bench bench, CancellationToken cancel)
    {
        var count = bench.Sizes.QueuedTexts;
        var room = await bench.OpenRoomAsync(2, cancel, acknowledged: true);
        var (sender, receiver) = (room[0], room[1]);
        var (heard, next, wrong) = (0L, 0, 0L);
        receiver.OnText = (_, text) =>
        {
            var number = Texts.NumberOf(text);
            if (number != next)
                wrong++;
            next = number + 1;
            Interlocked.Increment(ref heard);
        };
        // One that arrives, so that there is a place to go on from.
        sender.Send(Texts.Make(0));
        await bench.CountsAsync(() => Interlocked.Read(ref heard), 1, bench.Sizes.Patience, room, cancel);
        await receiver.CutAsync();
        await Task.Delay(Away, bench.Time, cancel);

        for (var n = 1; n <= count; n++)
            sender.Queue(Texts.Make(n));
        sender.Flush();
        var isTold = await bench.CountsAsync(() => sender.Acknowledged, count + 1, bench.Sizes.Stalled, [sender], cancel);
        long? stalledAt = isTold ? null : sender.Acknowledged - 1;

        var start = bench.Time.GetTimestamp();
        await receiver.ConnectAsync(cancel);
        await bench.CountsAsync(() => Interlocked.Read(ref heard), count + 1, bench.Sizes.Patience, room, cancel);
        var milliseconds = bench.Time.GetElapsedTime(start).TotalMilliseconds;
        await Bench.CloseAsync(room);
        return new Outcome(milliseconds, count + 1 - heard, wrong, stalledAt);
    }
}
