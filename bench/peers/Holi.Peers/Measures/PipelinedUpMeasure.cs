namespace Holi.Peers.Measures;

/// <summary>
/// Ten thousand texts handed to one connection at once: how long until the sender knows that the server has all of them. The other member of the room is
/// there and hears them.
/// </summary>
internal static class PipelinedUpMeasure
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var (figures, times) = (new Figures(), new List<double>());
        for (var n = 0; n <= bench.Sizes.Repeats; n++)
        {
            if (await OnceAsync(bench, cancel) is not { } milliseconds)
            {
                figures.Note("pipelined: not all texts were acknowledged");
                return figures;
            }
            // The first warms up.
            if (n > 0)
                times.Add(milliseconds);
        }
        figures.Add("ms", Bench.Median(times));
        return figures;
    }

    private static async Task<double?> OnceAsync(Bench bench, CancellationToken cancel)
    {
        var texts = Enumerable.Range(0, bench.Sizes.QueuedTexts).Select(Texts.Make).ToArray();
        var room = await bench.OpenRoomAsync(2, cancel, acknowledged: true);
        var heard = 0L;
        room[1].OnText = (_, _) => Interlocked.Increment(ref heard);
        var start = bench.Time.GetTimestamp();
        foreach (var text in texts)
            room[0].Queue(text);
        room[0].Flush();
        var isTold = await bench.CountsAsync(() => room[0].Acknowledged, texts.Length, Patience, room, cancel);
        var milliseconds = bench.Time.GetElapsedTime(start).TotalMilliseconds;
        await bench.CountsAsync(() => Interlocked.Read(ref heard), texts.Length, Patience, room, cancel);
        await Bench.CloseAsync(room);
        return isTold ? milliseconds : null;
    }
}
