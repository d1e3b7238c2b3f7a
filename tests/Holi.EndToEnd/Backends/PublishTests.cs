using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.Backends;

/// <summary>What a backend publishes reaches the people it is for: from HTTP through a gateway process to the SDK on a device.</summary>
public sealed class PublishTests(SharedGateway shared)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_persons_first_alert_reaches_the_phone_that_is_connected_and_the_tablet_that_comes_later()
    {
        var gateway = await shared.StartedAsync();
        var user = SharedGateway.Somebody("ana");
        await using var phone = await AppDevice.StartAsync(gateway, user);
        await phone.IsAsync(Client.ConnectionState.Ready);
        using var lab = new HttpBackend(gateway);
        var key = SharedGateway.Somebody("lab");
        (await lab.PublishAsync(HttpBackend.Notification(key, user, "Potassium", ""","priority":9"""))).ShouldBe($"committed alert/{user} 1");
        (await lab.PublishAsync(HttpBackend.Notification(key, user, "Potassium", ""","priority":9"""))).ShouldBe($"duplicate alert/{user} 1");
        await phone.HasTitlesAsync($"alert/{user}", "Potassium");
        await using var tablet = await AppDevice.StartAsync(gateway, user);
        await tablet.HasTitlesAsync($"alert/{user}", "Potassium");
    }

    [Fact]
    public async Task D_O_a_gateway_killed_while_backends_publish_loses_nothing_repeats_nothing_and_keeps_the_order()
    {
        const int kills = 3, batches = 40, items = 25;
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        await using var ana = await AppDevice.StartAsync(gateway, "ana", change: options => options with { Random = AppDevice.ShortWaits });
        using var lab = new HttpBackend(gateway);
        var publishing = Task.Run(
            async () =>
            {
                for (var batch = 0; batch < batches; batch++)
                {
                    var answers = await lab.PublishAsync(Numbers(batch).Select(n => HttpBackend.Notification($"k{n}", "ana", $"{n}")));
                    answers.Select(answer => answer.Split(' ')[2]).ShouldBe(Numbers(batch).Select(n => $"{n + 1}"));
                }
            },
            Cancel);
        for (var life = 0; life < kills; life++)
        {
            var reached = (life + 1) * batches * items / (kills + 2);
            await Eventually.HoldsAsync(() => ana.Titles("user/ana").Count > reached, () => $"{ana.Titles("user/ana").Count} of {reached}");
            await gateway.KillAsync();
            await gateway.RestartAsync(Cancel);
        }
        await Eventually.EndsAsync(publishing);
        await ana.HasTitlesAsync("user/ana", Enumerable.Range(0, batches * items).Select(n => $"{n}"));

        static IEnumerable<int> Numbers(int batch) => Enumerable.Range(batch * items, items);
    }

    [Fact]
    public async Task D_O_what_is_scheduled_survives_a_kill_and_comes_once_also_what_came_due_while_no_gateway_ran()
    {
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        using var clinic = new HttpBackend(gateway);
        var soon = TimeProvider.System.GetUtcNow().AddSeconds(3).ToUnixTimeMilliseconds();
        (await clinic.PublishAsync(Enumerable.Range(0, 20)
                .Select(n => HttpBackend.Notification($"k{n}", "ana", $"{n}", $""","deliverAt":{soon + (n % 2 * 2_000)}"""))))
            .ShouldAllBe(answer => answer == "scheduled user/ana");
        await gateway.KillAsync();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() > soon, "time stands still");
        await gateway.RestartAsync(Cancel);
        await using var ana = await AppDevice.StartAsync(gateway, "ana");
        int[] order = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
        await ana.HasTitlesAsync("user/ana", order.Select(n => $"{n}"));
        (await clinic.PublishAsync(HttpBackend.Notification("k1", "ana", "1", $""","deliverAt":{soon + 2_000}"""))).ShouldBe("duplicate user/ana 11");
    }

    [Fact]
    public async Task Fault_18_what_is_scheduled_goes_by_the_gateways_clock_when_that_jumps_and_comes_once_when_it_jumps_back()
    {
        using var clock = new FakeClock();
        await using var gateway = await GatewayProcess.StartAsync(clock.Gateway, TimeProvider.System, Cancel);
        await using var ana = await AppDevice.StartAsync(gateway, "ana");
        using var clinic = new HttpBackend(gateway);
        var now = TimeProvider.System.GetUtcNow();
        (await clinic.PublishAsync(HttpBackend.Notification("a", "ana", "a", $""","deliverAt":{now.AddMinutes(50).ToUnixTimeMilliseconds()}""")))
            .ShouldBe("scheduled user/ana");
        await clock.JumpAsync(1);
        await ana.HasTitlesAsync("user/ana", "a");
        await clock.JumpAsync(-1);
        (await clinic.PublishAsync(HttpBackend.Notification("b", "ana", "b"))).ShouldBe("committed user/ana 2");
        await ana.HasTitlesAsync("user/ana", "a", "b");
    }
}
