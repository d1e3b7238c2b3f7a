using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Faults;

/// <summary>SIGTERM takes the stated time at most, whatever its peers do.</summary>
public sealed class DrainTests
{
    /// <summary>StopTimeout of GatewayLimits.cs, 9 s, and what a busy machine takes to end a process.</summary>
    internal const double StopSeconds = 9 + 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SIGTERM_ends_in_its_stated_time_though_some_never_read_nor_answer_and_others_say_no_Hello()
    {
        await using var gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel);
        var topic = TopicName.Conversation("drain");
        await using var writer = await RawPeer.WelcomedAsync(gateway, "writer");
        await writer.CreateAsync(1, topic, "deaf");
        var peers = new List<IAsyncDisposable>();
        using var mute = await RawSocket.ConnectAsync(gateway);
        using var half = await RawSocket.OpenAsync(gateway);
        try
        {
            for (var n = 0; n < 4; n++)
            {
                var deaf = await RawPeer.OpenAsync(gateway.Endpoint, reads: false);
                peers.Add(deaf);
                await deaf.HelloAsync(gateway.Tokens.For("deaf"), bulkCredit: 1 << 30, backlog: 1_000);
            }
            var payload = new MessagePost(new string('x', 15_000)).ToBytes();
            for (var seq = 2UL; seq < 300; seq++)
            {
                await writer.CommandAsync(seq, topic, MessageTypes.MessagePost, payload);
                if (seq % 32 == 0)
                    await writer.CommittedAsync(seq);
            }

            var began = TimeProvider.System.GetTimestamp();
            (await gateway.StopAsync(Cancel)).ShouldBe(0);
            TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeLessThan(StopSeconds);
            (await writer.ClosedAsync()).ShouldBe(Wire.HoliCode.GoingAway);
        }
        finally
        {
            foreach (var peer in peers)
                await peer.DisposeAsync();
        }
    }
}
