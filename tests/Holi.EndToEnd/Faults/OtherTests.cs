using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Faults;

/// <summary>Faults 18 and 20: a clock that is wrong, a reader that never reads.</summary>
public sealed class OtherTests(SharedGateway shared)
{
    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Fault_18_a_device_whose_clock_is_an_hour_off_keeps_order_and_its_token(int hours)
    {
        var gateway = await shared.StartedAsync();
        var asked = 0;
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        await using var ana = await AppDevice.StartAsync(gateway, _ana, change: options => options with
        {
            TimeProvider = new WrongTime(TimeSpan.FromHours(hours)),
            Token = _ =>
            {
                Interlocked.Increment(ref asked);
                return ValueTask.FromResult(gateway.Tokens.For(_ana, lifetime: TimeSpan.FromMinutes(30)));
            },
        });
        var id = await ben.CreateAsync(_ana);
        for (var n = 0; n < 10; n++)
        {
            await ana.SaidAsync(id, $"ana {n}");
            await ben.SaidAsync(id, $"ben {n}");
        }
        string[] expected = [.. Enumerable.Range(0, 10).SelectMany(n => new[] { $"ana {n}", $"ben {n}" })];
        await ben.HasTextsAsync(id, expected);
        await ana.HasTextsAsync(id, expected);
        ana.State.ShouldBe(ConnectionState.Ready);
        asked.ShouldBe(1, "lifetimes are the gateway's, whatever the device's clock says");
        ana.Shown(id).Select(e => e.Time).ShouldBeInOrder();
    }

    [Fact]
    public async Task Fault_20_a_reader_that_never_reads_delays_nobody_else()
    {
        const int messages = 1_000, textBytes = 4_000;
        var gateway = await shared.StartedAsync();
        var deafs = SharedGateway.Somebody("deaf");
        await using var ana = await AppDevice.StartAsync(gateway, _ana);
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        var id = await ana.CreateAsync(_ben, deafs);
        await using var deaf = await RawPeer.OpenAsync(gateway.Endpoint, reads: false);
        await deaf.HelloAsync(gateway.Tokens.For(deafs), bulkCredit: 1 << 30, backlog: 1_000);

        QueuedCommand? last = null;
        var text = new string('x', textBytes);
        for (var n = 0; n < messages; n++)
            last = await ana.SayAsync(id, $"{n} {text}");
        await Eventually.EndsAsync(last!.Committed);
        await Eventually.HoldsAsync(() => ben.Texts(id).Count >= messages, () => $"{ben.Texts(id).Count} of {messages} came");
        ben.Texts(id).Select(t => t.Split(' ')[0]).ShouldBe(Enumerable.Range(0, messages).Select(n => $"{n}"));

        using var status = await gateway.StatusAsync(TestContext.Current.CancellationToken);
        status.RootElement.GetProperty("lanesBytes").EnumerateObject().Sum(lane => lane.Value.GetInt64()).ShouldBeLessThan(1 << 20, "invariant B");
    }

    private sealed class WrongTime(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + off;
    }
}
