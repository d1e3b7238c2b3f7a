using System.Net.Sockets;
using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.BadInput;

/// <summary>
/// Peers that are slow on purpose: each holds a connection for as long as it can. All of them begin together, so that their waits do not add up;
/// each test looks at the end of one.
/// </summary>
public sealed class SlowTests(SlowTests.SlowPeers peers) : IClassFixture<SlowTests.SlowPeers>
{
    private const double HelloSeconds = 5;
    // 2 × heartbeat + 5 s (§11.1).
    private const double SilenceSeconds = 7;

    [Fact]
    public async Task A_connection_that_says_nothing_at_all_is_cut_after_5_seconds() =>
        (await SlowPeers.EndingAsync(peers.Mute)).ShouldBeInTime(HelloSeconds);

    [Fact]
    public async Task A_handshake_that_comes_byte_by_byte_is_cut_after_5_seconds() =>
        (await SlowPeers.EndingAsync(peers.SlowHandshake)).ShouldBeInTime(HelloSeconds);

    [Fact]
    public async Task An_ordinary_request_that_comes_byte_by_byte_is_cut_after_5_seconds() =>
        (await SlowPeers.EndingAsync(peers.SlowRequest)).ShouldBeInTime(HelloSeconds);

    [Fact]
    public async Task Section_6_1_a_Hello_that_comes_byte_by_byte_closes_with_4103_after_5_seconds()
    {
        var ended = await SlowPeers.EndingAsync(peers.SlowHello);
        ended.Code.ShouldBe((int)HoliCode.HelloTimeout);
        ended.ShouldBeInTime(HelloSeconds);
    }

    [Fact]
    public async Task Section_11_1_empty_fragments_without_an_end_are_silence_and_close_with_4001()
    {
        var ended = await SlowPeers.EndingAsync(peers.EmptyFragments);
        ended.Code.ShouldBe((int)HoliCode.Silent);
        ended.ShouldBeInTime(SilenceSeconds);
    }

    [Fact]
    public async Task Section_11_1_WebSocket_pings_count_for_nothing_and_close_with_4001()
    {
        var ended = await SlowPeers.EndingAsync(peers.WebSocketPings);
        ended.Code.ShouldBe((int)HoliCode.Silent);
        ended.ShouldBeInTime(SilenceSeconds);
    }

    [Fact]
    public async Task A_reader_that_never_reads_is_cut_when_it_could_not_be_written_to_for_too_long()
    {
        const double sendTimeoutSeconds = 1;
        var topic = TopicName.Conversation("deaf-" + Guid.NewGuid().ToString("N"));
        await using var writer = await RawPeer.WelcomedAsync(peers.Gateway, SharedGateway.Somebody("writer"));
        await writer.CreateAsync(1, topic, "deaf");
        await writer.CommittedAsync(1);
        using var deaf = await RawSocket.OpenAsync(peers.Gateway, receiveBytes: 4_096);
        await peers.HelloAsync(deaf, "deaf", bulkCredit: 1 << 30);
        // It pings all the while, so it is not silence that ends it. No close can be told: nothing gets through to it.
        var pinging = peers.RepeatAsync(TimeSpan.FromMilliseconds(600), () => deaf.FrameAsync(0x82, [0x03, 0x01, 0x07]));
        var payload = new MessagePost(new string('x', 16_000)).ToBytes();
        var seq = 2UL;
        for (; seq < 1_000 && !pinging.IsCompleted; seq++)
        {
            await writer.CommandAsync(seq, topic, MessageTypes.MessagePost, payload);
            await writer.CommittedAsync(seq);
        }
        await pinging.WaitAsync(TimeSpan.FromSeconds(sendTimeoutSeconds + 8), TestContext.Current.CancellationToken);
        // Whoever reads is none the worse.
        await writer.PostAsync(seq, topic, "still here");
        await writer.CommittedAsync(seq);
        await peers.StillServesAsync();
    }

    [Fact]
    public async Task Readers_that_never_read_and_say_goodbye_cost_neither_time_nor_a_socket()
    {
        const int deafs = 8;
        var name = SharedGateway.Somebody("deaf");
        var topic = TopicName.Conversation(name);
        await using var writer = await RawPeer.WelcomedAsync(peers.Gateway, SharedGateway.Somebody("writer"));
        await writer.CreateAsync(1, topic, [.. Enumerable.Range(0, deafs).Select(n => $"{name}-{n}")]);
        for (var seq = 2UL; seq < 22; seq++)
            await writer.CommandAsync(seq, topic, MessageTypes.MessagePost, new MessagePost(new string('x', 16_000)).ToBytes());
        await writer.CommittedAsync(21);
        var sockets = new List<RawSocket>();
        for (var n = 0; n < deafs; n++)
        {
            sockets.Add(await RawSocket.OpenAsync(peers.Gateway, receiveBytes: 4_096));
            await peers.HelloAsync(sockets[n], $"{name}-{n}", bulkCredit: 1 << 30);
        }
        var (cpu, began) = (peers.Gateway.Cpu, TimeProvider.System.GetTimestamp());
        // A close frame with 1000; then pings for as long as the gateway takes anything.
        await Task.WhenAll(sockets.Select(async socket =>
        {
            await socket.FrameAsync(0x88, [0x03, 0xE8]);
            await peers.RepeatAsync(TimeSpan.FromMilliseconds(50), () => socket.FrameAsync(0x89, new byte[100]));
            socket.Dispose();
        })).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began);
        took.TotalSeconds.ShouldBeLessThan(12, "the sockets were kept");
        // Waiting costs next to nothing, but the other slow peers are at work, too. A gateway that asks again and again takes all processors.
        (peers.Gateway.Cpu - cpu).TotalSeconds.ShouldBeLessThan(took.TotalSeconds * 0.8, "the gateway computes while it waits");
    }

    /// <summary>How a connection ended: with which code (0: cut), how long after it began.</summary>
    internal readonly record struct Ended(int Code, double Seconds)
    {
        // The gateway looks at its deadlines once a second, and this machine may be busy.
        public void ShouldBeInTime(double seconds) => Seconds.ShouldBeInRange(seconds - 0.1, seconds + 8);
    }

    /// <summary>The peers and their gateway, whose heartbeat and patience are a second each.</summary>
    public sealed class SlowPeers() : StrictGateway(("HeartbeatSeconds", 1), ("SendTimeoutSeconds", 1))
    {
        private static readonly TimeSpan BetweenBytes = TimeSpan.FromMilliseconds(200);
        private static readonly TimeSpan EndMost = TimeSpan.FromSeconds(30);

        private readonly CancellationTokenSource _end = new(EndMost);

        internal Task<Ended> Mute { get; private set; } = null!;
        internal Task<Ended> SlowHandshake { get; private set; } = null!;
        internal Task<Ended> SlowRequest { get; private set; } = null!;
        internal Task<Ended> SlowHello { get; private set; } = null!;
        internal Task<Ended> EmptyFragments { get; private set; } = null!;
        internal Task<Ended> WebSocketPings { get; private set; } = null!;

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            Mute = RunAsync(_ => Task.CompletedTask, isOpen: false);
            SlowHandshake = RunAsync(socket => DribbleAsync(socket, RawSocket.Upgrade[..^4] + "\r\nX-Slow: "), isOpen: false);
            SlowRequest = RunAsync(socket => DribbleAsync(socket, "GET /v1/status HTTP/1.1\r\nHost: gateway\r\nX-Slow: "), isOpen: false);
            SlowHello = RunAsync(async socket =>
            {
                await socket.FrameAsync(0x02, [0x01, 0x80]);
                await RepeatAsync(BetweenBytes, () => socket.FrameAsync(0x00, [0x01]));
            });
            EmptyFragments = RunAsync(async socket =>
            {
                await HelloAsync(socket, "fragments");
                await socket.FrameAsync(0x02, []);
                await RepeatAsync(TimeSpan.FromMilliseconds(5), () => socket.FrameAsync(0x00, []));
            });
            WebSocketPings = RunAsync(async socket =>
            {
                await HelloAsync(socket, "pings");
                await RepeatAsync(TimeSpan.FromMilliseconds(20), () => socket.FrameAsync(0x89, [1, 2, 3]));
            });
        }

        internal static Task<Ended> EndingAsync(Task<Ended> peer) => peer.WaitAsync(EndMost, TestContext.Current.CancellationToken);

        public override async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await base.DisposeAsync();
            _end.Dispose();
        }

        private async Task<Ended> RunAsync(Func<RawSocket, Task> act, bool isOpen = true)
        {
            using var socket = isOpen ? await RawSocket.OpenAsync(Gateway) : await RawSocket.ConnectAsync(Gateway);
            var began = TimeProvider.System.GetTimestamp();
            var acting = act(socket);
            var code = 0;
            if (isOpen)
                code = await socket.CloseCodeAsync();
            else
                await socket.EndedAsync();
            var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            socket.Dispose();
            await acting;
            return new Ended(code, took);
        }

        internal Task HelloAsync(RawSocket socket, string user, long bulkCredit = 0)
        {
            var hello = new System.Buffers.ArrayBufferWriter<byte>();
            new HelloFrame { Token = Gateway.Tokens.For(user), Device = user, BulkCredit = bulkCredit, Backlog = 1_000, Cursors = [] }.Write(hello);
            return socket.FrameAsync(0x82, hello.WrittenSpan);
        }

        private Task DribbleAsync(RawSocket socket, string start)
        {
            var first = true;
            return RepeatAsync(BetweenBytes, () => socket.SendAsync(Encoding.ASCII.GetBytes(Interlocked.Exchange(ref first, false) ? start : "x")));
        }

        // Until it cannot be done any more.
        internal async Task RepeatAsync(TimeSpan every, Func<Task> act)
        {
            try
            {
                while (true)
                {
                    await act();
                    await Task.Delay(every, _end.Token);
                }
            }
            catch (Exception over) when (over is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The gateway has ended it, as it should, or the test gives up.
            }
        }
    }
}
