using Holi.Client;
using Holi.EndToEnd.Peers;
using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Scenarios;

namespace Holi.EndToEnd.Faults;

/// <summary>Faults 10 and 11, and the ordinary stop: a gateway goes and comes back under the load of its devices.</summary>
public sealed class CrashTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fault_11_a_gateway_killed_while_it_commits_loses_nothing_that_it_answered()
    {
        const int kills = 3, perLife = 400;
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        await using var ana = await AppDevice.StartAsync(gateway, "ana", change: options => options with { Random = AppDevice.ShortWaits });
        await using var ben = await AppDevice.StartAsync(gateway, "ben", change: options => options with { Random = AppDevice.ShortWaits });
        var id = await ana.CreateAsync("ben");
        var sent = new List<QueuedCommand>();
        for (var life = 0; life < kills; life++)
        {
            for (var n = 0; n < perLife; n++)
                sent.Add(await ana.SayAsync(id, $"{sent.Count}"));
            await gateway.KillAsync();
            await gateway.RestartAsync(Cancel);
        }
        await Eventually.EndsAsync(sent[^1].Committed);
        await ben.HasTextsAsync(id, Enumerable.Range(0, kills * perLife).Select(n => $"{n}"));
        await ana.HasTextsAsync(id, ben.Texts(id));
    }

    [Fact]
    public async Task Fault_10_three_hundred_devices_come_back_at_once_after_a_crash()
    {
        const int rooms = 30, members = 10;
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        var target = new GatewayTarget([gateway.Endpoint], gateway.Tokens, null);
        var (before, topics) = await Rooms.OpenAsync(target, "storm", rooms, members, Cancel);
        await gateway.KillAsync();
        await Rooms.CloseAsync(before);

        // All at once, and again without a pause while the gateway is not there: nobody here is polite.
        var coming = before.SelectMany(room => room).Select(device => ComeBackAsync(gateway, device.User)).ToArray();
        await gateway.RestartAsync(Cancel);
        await Eventually.EndsAsync(Task.WhenAll(coming));
        var after = coming.Select(c => c.Result).Chunk(members).ToArray();
        try
        {
            using var status = await gateway.StatusAsync(Cancel);
            status.RootElement.GetProperty("connections").GetInt32().ShouldBe(rooms * members);
            var arrived = 0;
            foreach (var device in after.SelectMany(room => room))
                device.OnEvent = (_, _) => Interlocked.Increment(ref arrived);
            for (var room = 0; room < rooms; room++)
            {
                foreach (var device in after[room])
                    await device.FollowsAsync(topics[room], Cancel);
                await after[room][0].PostAsync(topics[room], "everybody here?", Cancel);
            }
            await Eventually.HoldsAsync(() => arrived >= rooms * members, () => $"{arrived} of {rooms * members} arrived");
            await QuietAsync(gateway);
        }
        finally
        {
            await Rooms.CloseAsync(after);
        }
    }

    [Fact]
    public async Task SIGTERM_finishes_its_commits_says_GoAway_and_ends_with_0_and_the_devices_come_back_by_themselves()
    {
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        await using var ana = await AppDevice.StartAsync(gateway, "ana");
        await using var ben = await AppDevice.StartAsync(gateway, "ben");
        var id = await ana.CreateAsync("ben");
        await using var raw = await RawPeer.WelcomedAsync(gateway, "cat");
        var sent = new List<QueuedCommand>();
        for (var n = 0; n < 500; n++)
            sent.Add(await ana.SayAsync(id, $"{n}"));

        // The patience of the wait is far longer; that it takes at most 10 s is a limit of the gateway's own (StopTimeout 9 s).
        var stopping = gateway.StopAsync(Cancel);
        for (var n = 500; n < 600; n++)
            sent.Add(await ana.SayAsync(id, $"{n}"));
        await raw.NextAsync(Holi.Wire.FrameKind.GoAway);
        (await raw.ClosedAsync()).ShouldBe(Holi.Wire.HoliCode.GoingAway);
        await Eventually.EndsAsync(stopping);
        (await stopping).ShouldBe(0);
        sent[0].IsAnswered.ShouldBeTrue();

        await gateway.RestartAsync(Cancel);
        await Eventually.EndsAsync(sent[^1].Committed);
        await ben.HasTextsAsync(id, Enumerable.Range(0, 600).Select(n => $"{n}"));
        await ana.HasTextsAsync(id, ben.Texts(id));
    }

    private static async Task<LightDevice> ComeBackAsync(GatewayProcess gateway, string user)
    {
        while (true)
        {
            var device = new LightDevice(user);
            try
            {
                await device.ConnectAsync(gateway.Endpoint, gateway.Tokens.For(user), 0, [], Cancel);
                return device;
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                await device.DisposeAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(50), Cancel);
            }
        }
    }

    // Invariant B: when everything was delivered nothing waits anywhere.
    private static async Task QuietAsync(GatewayProcess gateway)
    {
        var waiting = 1L;
        for (var tries = 0; waiting > 0 && tries < 200; tries++)
        {
            using var status = await gateway.StatusAsync(Cancel);
            waiting = status.RootElement.GetProperty("lanesBytes").EnumerateObject().Sum(lane => lane.Value.GetInt64())
                + status.RootElement.GetProperty("commits").GetProperty("waiting").GetInt64();
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancel);
        }
        waiting.ShouldBe(0);
    }
}
