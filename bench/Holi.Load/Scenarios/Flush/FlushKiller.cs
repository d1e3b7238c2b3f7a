using Holi.Load.Gateways;

namespace Holi.Load.Scenarios.Flush;

/// <summary>
/// Kills gateways and the device while the device flushes. By progress, not by time: each kill at a random message, so that they spread over the whole
/// flush on any machine. A gateway is started again while the flush goes on at others; the one that is killed is mostly one that is used just then.
/// </summary>
internal sealed class FlushKiller(GatewayTarget target, SenderProcess sender, FlushReceiver receiver, int messages, int seed, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    private readonly Random _random = new(seed);
    private readonly Task[] _lives = [.. target.Endpoints.Select(_ => Task.CompletedTask)];

    /// <summary>Kills that came while messages were left to flush.</summary>
    public int Kills { get; private set; }

    // What has left the device and was acknowledged, or has arrived: the witness may be cut off while the device goes on, or be ahead of it.
    private long Progress => Math.Max(receiver.Arrived, messages - Math.Min(sender.Left, messages));

    /// <summary>Kills at their moments; gives up where nothing moves for so long.</summary>
    public async Task RunAsync(int gateways, int devices, TimeSpan patience, CancellationToken cancel)
    {
        var moments = Enumerable.Range(0, gateways + devices)
            .Select(n => (At: _random.Next(messages * 9 / 10), IsGateway: n < gateways))
            .OrderBy(kill => kill.At)
            .ToArray();
        foreach (var (at, isGateway) in moments)
        {
            if (!await ReachedAsync(at, patience, cancel))
                return;
            var done = isGateway ? await KillGatewayAsync(cancel) : await sender.KillAndRestartAsync(cancel);
            if (done && Progress < messages)
                Kills++;
            Console.Error.WriteLine($"killed the {(isGateway ? "gateway" : "device")} at {Progress} of {messages}");
        }
    }

    /// <summary>Waits until every gateway lives again.</summary>
    public Task AllBackAsync() => Task.WhenAll(_lives);

    private async Task<bool> ReachedAsync(int at, TimeSpan patience, CancellationToken cancel)
    {
        var (before, since) = (Progress, time.GetTimestamp());
        while (Progress < at)
        {
            await Task.Delay(Look, time, cancel);
            if (Progress != before)
                (before, since) = (Progress, time.GetTimestamp());
            else if (time.GetElapsedTime(since) > patience)
                return false;
        }
        return true;
    }

    // The device's or the witness's, or any that lives. Where all are on their way back, the first that is.
    private async Task<bool> KillGatewayAsync(CancellationToken cancel)
    {
        while (!Array.Exists(_lives, life => life.IsCompleted))
            await Task.WhenAny(_lives);
        var used = _random.Next(2) == 0 ? sender.Gateway : receiver.Gateway;
        var living = Enumerable.Range(0, _lives.Length).Where(n => _lives[n].IsCompleted).ToArray();
        var chosen = living.Contains(used) ? used : living[_random.Next(living.Length)];
        await _lives[chosen];
        var node = target.Site!.Nodes[chosen];
        await node.KillAsync();
        _lives[chosen] = node.RestartAsync(cancel);
        return true;
    }
}
