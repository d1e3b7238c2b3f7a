using Holi.Peers.Devices;

namespace Holi.Peers.Measures;

/// <summary>
/// The promise, tried: the receiver is away, the sender is told that some texts are taken and says more, everything that serves is killed with SIGKILL
/// in the middle of it and started again. The sender connects and says again what was not acknowledged; the receiver comes back and must hear every
/// text, once and in order.
/// </summary>
internal static class KillMeasure
{
    public static async Task<Figures> RunAsync(Bench bench, CancellationToken cancel)
    {
        var count = bench.Sizes.KillTexts;
        var room = await bench.OpenRoomAsync(2, cancel, acknowledged: true, keeps: true);
        var (sender, receiver) = (room[0], room[1]);
        var heard = new List<int>();
        receiver.OnText = (_, text) =>
        {
            lock (heard)
                heard.Add(Texts.NumberOf(text));
        };

        await SayAsync(bench, sender, 0, count / 10, cancel);
        await bench.CountsAsync(Heard, count / 10, bench.Sizes.Patience, room, cancel);
        await receiver.CutAsync();
        await SayAsync(bench, sender, count / 10, count, cancel);

        // Twice as many again, and the kill as soon as some of them are taken.
        for (var n = count; n < count * 3; n++)
            sender.Queue(Texts.Make(n));
        sender.Flush();
        await bench.CountsAsync(() => sender.Acknowledged, count + (count / 5), bench.Sizes.Patience, [], cancel);
        await bench.Server.KillAsync();
        await sender.CutAsync();
        var acknowledged = sender.Acknowledged;

        await bench.Server.RestartAsync(cancel);
        await sender.ConnectAsync(cancel);
        await bench.CountsAsync(() => sender.Acknowledged, count * 3, bench.Sizes.Patience, [sender], cancel);
        await receiver.ConnectAsync(cancel);
        await bench.CountsAsync(Heard, count * 3, bench.Sizes.Patience, [receiver], cancel);
        await Bench.CloseAsync(room);
        return Judge(heard, acknowledged, count * 3);

        long Heard()
        {
            lock (heard)
                return heard.Distinct().Count();
        }
    }

    private static Figures Judge(List<int> heard, long acknowledged, int said)
    {
        var once = heard.ToHashSet();
        var figures = new Figures();
        figures.Add("acknowledgedBeforeKill", acknowledged);
        figures.Add("lost", Enumerable.Range(0, said).Count(n => n < acknowledged && !once.Contains(n)));
        figures.Add("missing", said - once.Count);
        figures.Add("duplicated", heard.Count - once.Count);
        var firsts = heard.Distinct().ToArray();
        figures.Add("outOfOrder", firsts.Zip(firsts.Skip(1)).Count(pair => pair.Second < pair.First));
        return figures;
    }

    private static async Task SayAsync(Bench bench, Device sender, int from, int until, CancellationToken cancel)
    {
        for (var n = from; n < until; n++)
            sender.Queue(Texts.Make(n));
        sender.Flush();
        await bench.CountsAsync(() => sender.Acknowledged, until, bench.Sizes.Patience, [sender], cancel);
    }
}
