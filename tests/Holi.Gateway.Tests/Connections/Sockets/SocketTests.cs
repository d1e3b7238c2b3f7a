using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections.Sockets;

/// <summary>The shell around the connections: a few ways through a real server. Bad input over sockets is tested elsewhere.</summary>
public sealed class SocketTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_goes_through_sockets_committer_and_log_to_another_socket()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var ana = await gateway.ConnectAsync();
        using var ben = await gateway.ConnectAsync();
        await SayHelloAsync(ben, gateway.Token("ben"));
        (await ReadUntilAsync(ben, FrameKind.Complete)).ShouldContain(FrameKind.Welcome);
        await SayHelloAsync(ana, gateway.Token("ana"));
        await ReadUntilAsync(ana, FrameKind.Complete);

        await SendAsync(ana,
            Command(1, MessageTypes.ConversationCreate, new ConversationCreate(null, [new NewMember("ben", MemberRole.Member)])).Write,
            Command(2, MessageTypes.MessagePost, new MessagePost("hello", null, null, null)).Write);

        await ReadUntilAsync(ana, FrameKind.Commit);
        await ReadUntilAsync(ben, FrameKind.Topic);
        while (!(await ReadAsync(ben)).Any(f => f.Kind == FrameKind.Event && f.Text == "hello"))
        {
        }
    }

    [Fact]
    public async Task A_stop_says_go_away_and_closes_in_order()
    {
        var gateway = await RunningGateway.StartAsync();
        using var ana = await gateway.ConnectAsync();
        await SayHelloAsync(ana, gateway.Token("ana"));
        await ReadUntilAsync(ana, FrameKind.Complete);

        var stopped = gateway.DisposeAsync();
        await ReadUntilAsync(ana, FrameKind.GoAway);
        (await ReadAsync(ana)).ShouldBeEmpty();
        ana.CloseStatus.ShouldBe((WebSocketCloseStatus)4000);
        ana.CloseStatusDescription.ShouldBe("going-away");
        await ana.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await stopped;
    }

    [Fact]
    public async Task A_bad_token_closes_with_its_code()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var ana = await gateway.ConnectAsync();
        await SayHelloAsync(ana, "nonsense");
        (await ReadAsync(ana)).ShouldBeEmpty();
        ana.CloseStatus.ShouldBe((WebSocketCloseStatus)4201);
    }

    [Theory]
    [InlineData("/v1/ws")]
    [InlineData("/v1/ws?through=http")]
    public async Task Both_ways_in_end_at_the_same_door(string path)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var ana = await gateway.ConnectAsync(path: path);
        ana.SubProtocol.ShouldBe("holi.v1");
        await SayHelloAsync(ana, gateway.Token("ana"));
        await ReadUntilAsync(ana, FrameKind.Complete);
        await ana.SendAsync(new byte[WireLimits.MessageBytesMax + 1], WebSocketMessageType.Binary, true, Cancel);
        (await ReadAsync(ana)).ShouldBeEmpty();
        ana.CloseStatus.ShouldBe((WebSocketCloseStatus)4402);
    }

    [Fact]
    public async Task A_request_that_comes_in_pieces_is_accepted_and_one_with_its_first_message_behind_it_too()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var inPieces = await BareSocketAsync(gateway);
        var head = "GET /v1/ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: holi.v1\r\n\r\n";
        await inPieces.SendAsync(Encoding.ASCII.GetBytes(head[..30]), Cancel);
        using var whole = await BareSocketAsync(gateway);
        // A ping of one byte, masked with zeros, behind the head.
        await whole.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(head), 0x89, 0x81, 0, 0, 0, 0, 7], Cancel);
        (await ReadUntilAsync(whole, [0x8A, 1, 7])).ShouldStartWith("HTTP/1.1 101 ");

        await inPieces.SendAsync(Encoding.ASCII.GetBytes(head[30..]), Cancel);
        (await ReadUntilAsync(inPieces, "\r\n\r\n"u8.ToArray())).ShouldStartWith("HTTP/1.1 101 ");
    }

    [Theory]
    [InlineData(17_000, 4402)]
    [InlineData(70_000, 4402)]
    public async Task Before_Hello_a_connection_costs_no_more_than_one(int bytes, int code)
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var nobody = await gateway.ConnectAsync();
        byte[] message = [(byte)FrameKind.Hello, 0x80, 0x80, 0x04, .. new byte[bytes]];
        await nobody.SendAsync(message, WebSocketMessageType.Binary, true, Cancel);
        (await ReadAsync(nobody)).ShouldBeEmpty();
        nobody.CloseStatus.ShouldBe((WebSocketCloseStatus)code);
    }

    [Fact]
    public async Task Text_and_empty_messages_close_with_their_codes()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var text = await gateway.ConnectAsync();
        await text.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        (await ReadAsync(text)).ShouldBeEmpty();
        text.CloseStatus.ShouldBe((WebSocketCloseStatus)4401);
        using var empty = await gateway.ConnectAsync();
        await empty.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Binary, true, Cancel);
        (await ReadAsync(empty)).ShouldBeEmpty();
        empty.CloseStatus.ShouldBe((WebSocketCloseStatus)4403);
    }

    [Fact]
    public async Task A_revoked_token_closes_its_connection_at_once()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var ana = await gateway.ConnectAsync();
        var token = gateway.Token("ana");
        await SayHelloAsync(ana, token);
        await ReadUntilAsync(ana, FrameKind.Complete);
        using var http = new HttpClient { BaseAddress = gateway.Http };
        http.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Token("root", scopes: "holi.admin"));
        using var body = new StringContent($$"""{"jti":"{{new Microsoft.IdentityModel.JsonWebTokens.JsonWebToken(token).Id}}"}""");
        (await http.PostAsync(new Uri("/v1/revoke", UriKind.Relative), body, Cancel)).EnsureSuccessStatusCode();
        (await ReadAsync(ana)).ShouldBeEmpty();
        ana.CloseStatus.ShouldBe((WebSocketCloseStatus)4202);
    }

    [Fact]
    public async Task A_token_that_expires_closes_its_connection_within_five_seconds()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var ana = await gateway.ConnectAsync();
        await SayHelloAsync(ana, gateway.Token("ana", TimeSpan.FromSeconds(1)));
        await ReadUntilAsync(ana, FrameKind.Complete);
        var since = TimeProvider.System.GetTimestamp();
        (await ReadAsync(ana)).ShouldBeEmpty();
        ana.CloseStatus.ShouldBe((WebSocketCloseStatus)4200);
        TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task Who_connects_and_says_nothing_is_dropped()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(gateway.Http.Host, gateway.Http.Port, Cancel);
        var read = await tcp.GetStream().ReadAsync(new byte[10], Cancel).AsTask().ContinueWith(t => t.IsFaulted ? 0 : t.Result, Cancel, TaskContinuationOptions.None, TaskScheduler.Default)
            .WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        read.ShouldBe(0);
    }

    private static CommandFrame Command<T>(ulong seq, ushort type, T payload)
        where T : IPayload<T> =>
        new(seq, 0, 0, 0, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes("conversation/room")), type, new ReadOnlySequence<byte>(payload.ToBytes()));

    private static Task SayHelloAsync(ClientWebSocket socket, string token) =>
        SendAsync(socket, new HelloFrame { Token = token, Device = "phone", Backlog = 100, BulkCredit = 1 << 20 }.Write);

    private static async Task SendAsync(ClientWebSocket socket, params Action<IBufferWriter<byte>>[] frames)
    {
        var message = new ArrayBufferWriter<byte>();
        foreach (var write in frames)
            write(message);
        await socket.SendAsync(message.WrittenMemory, WebSocketMessageType.Binary, true, Cancel);
    }

    private static async Task<List<FrameKind>> ReadUntilAsync(ClientWebSocket socket, FrameKind kind)
    {
        var seen = new List<FrameKind>();
        while (!seen.Contains(kind))
        {
            var frames = await ReadAsync(socket);
            frames.ShouldNotBeEmpty($"closed with {socket.CloseStatus} before {kind}");
            seen.AddRange(frames.Select(f => f.Kind));
        }
        return seen;
    }

    // The frames of one message; none at the close.
    private static async Task<List<(FrameKind Kind, string Text)>> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[WireLimits.MessageBytesMax];
        var count = 0;
        ValueWebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(buffer.AsMemory(count), Cancel);
            count += got.Count;
        }
        while (!got.EndOfMessage);
        var frames = new List<(FrameKind, string)>();
        if (got.MessageType == WebSocketMessageType.Close)
            return frames;
        var reader = new FrameReader(new ReadOnlySequence<byte>(buffer, 0, count));
        while (reader.TryRead(out var frame, out _))
        {
            var isPost = frame.Kind == FrameKind.Event && EventFrame.TryRead(frame.Body, 0, out var e, out _) && e.Type == MessageTypes.MessagePost;
            EventFrame.TryRead(frame.Body, 0, out var read, out _);
            frames.Add((frame.Kind, isPost ? TestDevice.TextOf(read.Payload) : ""));
        }
        return frames;
    }

    private static async Task<Socket> BareSocketAsync(RunningGateway gateway)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(gateway.Http.Host, gateway.Http.Port, Cancel);
        return socket;
    }

    private static async Task<string> ReadUntilAsync(Socket socket, byte[] end)
    {
        var read = new List<byte>();
        var buffer = new byte[1024];
        while (!read.ToArray().AsSpan().EndsWith(end))
        {
            var count = await socket.ReceiveAsync(buffer, Cancel);
            count.ShouldBeGreaterThan(0);
            read.AddRange(buffer.AsSpan(0, count));
        }
        return Encoding.ASCII.GetString([.. read]);
    }
}
