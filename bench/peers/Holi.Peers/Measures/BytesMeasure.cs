namespace Holi.Peers.Measures;

/// <summary>
/// Bytes at the driver's sockets (TCP's payload, WebSocket frames included) beyond the text's own 128: what a sender sends and a receiver receives; and,
/// apart, what goes the other way for it: acknowledgements, and a sender's own text where the peer gives it back. One at a time: nothing shares a frame.
/// </summary>
internal static class BytesMeasure
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var count = bench.Sizes.BytesTexts;
        var room = await bench.OpenRoomAsync(2, cancel);
        var heard = 0L;
        room[1].OnText = (_, _) => Interlocked.Increment(ref heard);
        room[0].Send(Texts.Make(0));
        await HearAsync(1);
        await Task.Delay(bench.Sizes.Stragglers, bench.Time, cancel);
        var before = room.Select(device => device.Bytes).ToArray();
        for (var n = 1; n <= count; n++)
        {
            room[0].Send(Texts.Make(n));
            await HearAsync(n + 1);
        }
        await Task.Delay(bench.Sizes.Stragglers, bench.Time, cancel);
        var after = room.Select(device => device.Bytes).ToArray();
        await Bench.CloseAsync(room);

        var figures = new Figures();
        var answered = after[0].Answered - before[0].Answered;
        figures.Add("up", ((after[0].Sent - before[0].Sent - answered) / (double)count) - Texts.Bytes);
        figures.Add("down", ((after[1].Received - before[1].Received) / (double)count) - Texts.Bytes);
        figures.Add("backToSender", (after[0].Received - before[0].Received) / (double)count);
        figures.Add("backFromSender", answered / (double)count);
        figures.Add("backFromReceiver", (after[1].Sent - before[1].Sent) / (double)count);
        return figures;

        async Task HearAsync(long goal)
        {
            if (!await bench.CountsAsync(() => Interlocked.Read(ref heard), goal, Patience, room, cancel))
                throw new IOException("A text did not arrive.");
        }
    }
}
