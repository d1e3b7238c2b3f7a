using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;

namespace Holi.EndToEnd.Faults;

/// <summary>Fault 18 on the gateway's side (libfaketime): its clock jumps by an hour. Order is by offset, and a live token lasts as long as it was given.</summary>
public sealed class ClockTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fault_18_a_gateway_whose_clock_jumps_by_an_hour_keeps_order_and_ends_tokens_in_time()
    {
        using var clock = new FakeClock();
        await using var gateway = await GatewayProcess.StartAsync(clock.Gateway, TimeProvider.System, Cancel);
        await using var ana = await AppDevice.StartAsync(gateway, "ana");
        await using var ben = await AppDevice.StartAsync(gateway, "ben");
        var id = await ana.CreateAsync("ben");
        await ana.SaidAsync(id, "before");
        await ben.HasTextsAsync(id, "before");
        await using var brief = await RawPeer.OpenAsync(gateway.Endpoint);
        await brief.HelloAsync(gateway.Tokens.For("cat", lifetime: TimeSpan.FromSeconds(4)));
        var began = TimeProvider.System.GetTimestamp();
        await brief.WelcomeAsync();

        var texts = new List<string> { "before" };
        foreach (var hours in new[] { 1, -1 })
        {
            await clock.JumpAsync(hours);
            await Eventually.HoldsAsync(
                async () => Math.Abs((await TimeOfAsync(gateway) - TimeProvider.System.GetUtcNow()).TotalHours - hours) < 0.1, "the clock does not jump");
            // Not at once and not in an hour: time that passes is not what the clock shows.
            if (hours == 1)
                await brief.PingAsync();
            for (var n = 0; n < 10; n++)
            {
                await ana.SaidAsync(id, $"ana {hours} {n}");
                await ben.SaidAsync(id, $"ben {hours} {n}");
                texts.AddRange([$"ana {hours} {n}", $"ben {hours} {n}"]);
            }
            await ben.HasTextsAsync(id, texts);
            await ana.HasTextsAsync(id, texts);
            ana.Shown(id).Select(e => e.Offset).ShouldBe(Enumerable.Range(1, ana.Shown(id).Count).Select(n => (ulong)n));
        }
        (await brief.ClosedAsync()).ShouldBe(HoliCode.TokenExpired);
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeInRange(3.5, 14);

        // And over a restart, with everything read from the log.
        await gateway.KillAsync();
        await gateway.RestartAsync(Cancel);
        await ana.SaidAsync(id, "restarted");
        await ben.HasTextsAsync(id, [.. texts, "restarted"]);
        await using var tablet = await AppDevice.StartAsync(gateway, "ben");
        await tablet.HasTextsAsync(id, [.. texts, "restarted"]);
        ana.State.ShouldBe(ConnectionState.Ready);
    }

    private static async Task<DateTimeOffset> TimeOfAsync(GatewayProcess gateway)
    {
        await using var peer = await RawPeer.OpenAsync(gateway.Endpoint);
        await peer.HelloAsync(gateway.Tokens.For("clock"));
        return DateTimeOffset.FromUnixTimeMilliseconds((await peer.WelcomeAsync()).TimeMs);
    }
}
