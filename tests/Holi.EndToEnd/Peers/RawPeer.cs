using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Holi.Load.Gateways;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Peers;

/// <summary>
/// A peer that sends whatever bytes a test wants over a real WebSocket and keeps every frame that comes back, in order.
/// It acknowledges nothing and answers nothing by itself.
/// </summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ClientWebSocket _socket = new();
    private readonly Channel<(FrameKind Kind, byte[] Body)> _frames = Channel.CreateUnbounded<(FrameKind, byte[])>();
    private Task _receiving = Task.CompletedTask;

    public string Device { get; } = "raw-" + Guid.NewGuid().ToString("N");
    public long TimeBase { get; private set; }
    public ClientWebSocketOptions Options => _socket.Options;
    public WebSocket Socket => _socket;

    /// <summary>A peer whose socket is open; Hello has not been said.</summary>
    public static async Task<RawPeer> OpenAsync(Uri endpoint, bool reads = true)
    {
        var peer = new RawPeer();
        await peer.ConnectAsync(endpoint, reads: reads);
        return peer;
    }

    /// <summary>A peer that was welcomed, as <paramref name="user"/>; its topics are read.</summary>
    public static async Task<RawPeer> WelcomedAsync(GatewayProcess gateway, string user, string? device = null)
    {
        var peer = await OpenAsync(gateway.Endpoint);
        await peer.HelloAsync(gateway.Tokens.For(user), device: device);
        var welcome = await peer.WelcomeAsync();
        for (var topics = welcome.Topics; topics > 0; topics--)
            await peer.NextAsync(FrameKind.Topic);
        return peer;
    }

    public async Task ConnectAsync(Uri endpoint, string? subprotocol = "holi.v1", bool reads = true)
    {
        if (subprotocol is not null)
            _socket.Options.AddSubProtocol(subprotocol);
        await _socket.ConnectAsync(endpoint, TestContext.Current.CancellationToken).WaitAsync(Patience);
        if (reads)
            _receiving = Task.Run(ReceiveAsync);
    }

    public Task HelloAsync(
        string token, string? device = null, uint generation = 0, ulong known = 0, ulong lastAssigned = 0, CommandDigest digest = default, long bulkCredit = 1 << 20, long backlog = 0, IReadOnlyList<TopicCursor>? cursors = null, ulong opening = 0) =>
        SendAsync(new HelloFrame
        {
            Token = token,
            Device = device ?? Device,
            Generation = generation,
            Known = known,
            LastAssigned = lastAssigned,
            Digest = digest,
            BulkCredit = bulkCredit,
            Backlog = backlog,
            Cursors = cursors ?? [],
            Opening = opening,
        }.Write);

    public async Task<WelcomeFrame> WelcomeAsync()
    {
        var body = await NextAsync(FrameKind.Welcome);
        WelcomeFrame.TryRead(new(body), out var welcome, out _).ShouldBeTrue();
        TimeBase = welcome!.TimeBaseMs;
        return welcome;
    }

    /// <summary>One message of whatever <paramref name="write"/> writes.</summary>
    public Task SendAsync(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return SendAsync(output.WrittenMemory);
    }

    public Task SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Binary, bool end = true) =>
        _socket.SendAsync(message, type, end, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    public Task SendHexAsync(string hex) => SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    /// <summary>A command by topic name.</summary>
    public Task CommandAsync(ulong seq, string topic, ushort type, ReadOnlyMemory<byte> payload) =>
        SendAsync(output => new CommandFrame(seq, 0, 0, 0, new(Encoding.UTF8.GetBytes(topic)), type, new(payload)).Write(output));

    public Task CreateAsync(ulong seq, string topic, params string[] members) => CommandAsync(
        seq, topic, MessageTypes.ConversationCreate, new ConversationCreate(null, [.. members.Select(user => new NewMember(user, MemberRole.Member))]).ToBytes());

    public Task PostAsync(ulong seq, string topic, string text) =>
        CommandAsync(seq, topic, MessageTypes.MessagePost, new MessagePost(text).ToBytes());

    /// <summary>The next frame of a kind; frames of other kinds before it are dropped.</summary>
    public async Task<byte[]> NextAsync(FrameKind kind) => (await NextOfAsync(kind, kind)).Body;

    /// <summary>The next frame of either kind.</summary>
    public async Task<(FrameKind Kind, byte[] Body)> NextOfAsync(FrameKind kind, FrameKind other)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var frame = await _frames.Reader.ReadAsync(patience.Token);
                if (frame.Kind == kind || frame.Kind == other)
                    return frame;
            }
        }
        catch (ChannelClosedException)
        {
            throw new InvalidOperationException($"The connection closed with {(int?)_socket.CloseStatus} while a {kind} was awaited.");
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No {kind} came.");
        }
    }

    /// <summary>The next Commit that covers <paramref name="seq"/>, with all refusals on the way.</summary>
    public async Task<(ulong Committed, List<Refusal> Refusals)> CommittedAsync(ulong seq)
    {
        var refusals = new List<Refusal>();
        while (true)
        {
            CommitFrame.TryRead(new(await NextAsync(FrameKind.Commit)), out var commit, out _).ShouldBeTrue();
            foreach (var refusal in commit.Refusals)
                refusals.Add(refusal);
            if (commit.Committed >= seq)
                return (commit.Committed, refusals);
        }
    }

    /// <summary>The number of a topic, from its next announcement.</summary>
    public async Task<TopicFrame> TopicAsync(string name)
    {
        while (true)
        {
            TopicFrame.TryRead(new(await NextAsync(FrameKind.Topic)), out var topic, out _).ShouldBeTrue();
            if (topic!.Name == name)
                return topic;
        }
    }

    public async Task<ErrorFrame> ErrorAsync()
    {
        ErrorFrame.TryRead(new(await NextAsync(FrameKind.Error)), out var error, out _).ShouldBeTrue();
        return error;
    }

    /// <summary>The texts of all messages that come of a topic until it is complete. Its Topic frame must not have been read yet.</summary>
    public async Task<List<string>> TextsAsync(string name)
    {
        var texts = new List<string>();
        var topic = await TopicAsync(name);
        while (true)
        {
            var (kind, body) = await NextOfAsync(FrameKind.Event, FrameKind.Complete);
            if (kind == FrameKind.Complete)
            {
                CompleteFrame.TryRead(new(body), out var complete, out _).ShouldBeTrue();
                if (complete.Topic == topic.Number)
                    return texts;
            }
            else if (EventFrame.TryRead(new(body), TimeBase, out var happened, out _)
                && happened.Topic == topic.Number && MessagePost.TryRead(happened.Payload, out var post) && happened.Type == MessageTypes.MessagePost)
            {
                texts.Add(post.Text);
            }
        }
    }

    /// <summary>The code with which the gateway closes.</summary>
    public async Task<HoliCode> ClosedAsync()
    {
        await _receiving.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return (HoliCode)(int)(_socket.CloseStatus ?? 0);
    }

    public string? CloseReason => _socket.CloseStatusDescription;

    /// <summary>The gateway answers a Ping, so everything sent before it was handled and the connection lives.</summary>
    public async Task PingAsync(ulong nonce = 7)
    {
        await SendAsync(new PingFrame(nonce).Write);
        PongFrame.TryRead(new(await NextAsync(FrameKind.Pong)), out var pong, out _).ShouldBeTrue();
        pong.Nonce.ShouldBe(nonce);
    }

    /// <summary>The kinds of all frames that came and were not asked for yet; everything that the gateway had sent before is among them.</summary>
    public async Task<List<FrameKind>> HeardAsync()
    {
        await SendAsync(new PingFrame(11).Write);
        var heard = new List<FrameKind>();
        for (var kind = FrameKind.Ping; kind != FrameKind.Pong; heard.Add(kind))
            (kind, _) = await _frames.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        return heard;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var message = new ArrayBufferWriter<byte>();
        try
        {
            while (_socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                var received = await _socket.ReceiveAsync(message.GetMemory(8192), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }
                message.Advance(received.Count);
                if (!received.EndOfMessage)
                    continue;
                Keep(new ReadOnlySequence<byte>(message.WrittenMemory));
                message.ResetWrittenCount();
            }
        }
        catch (Exception failure) when (failure is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is over; ClosedAsync tells with which code, 0 where the gateway gave none.
        }
        _frames.Writer.Complete();
    }

    private void Keep(in ReadOnlySequence<byte> message)
    {
        var reader = new FrameReader(message);
        while (reader.TryRead(out var frame, out _))
            _frames.Writer.TryWrite((frame.Kind, frame.Body.ToArray()));
    }
}
