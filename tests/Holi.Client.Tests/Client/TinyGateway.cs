using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Client;

/// <summary>
/// A gateway in memory, just large enough for the client's shell: one user, one device at a time, topics in lists. It commits what it
/// gets, at once, and sends it back as events. Not a model of the real one: what it leaves out is tested against that.
/// </summary>
internal sealed class TinyGateway : IConnector
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(ushort Type, byte[] Payload)>> _topics = [];
    private readonly List<string> _numbers = [""];
    private WebSocket? _socket;
    private CommandDigest _digest;

    public ulong Committed { get; private set; }
    public int Connections { get; private set; }
    public List<SignalFrame> Signals { get; } = [];

    /// <summary>False: attempts fail.</summary>
    public bool IsUp { get; set; } = true;

    /// <summary>Texts that are refused.</summary>
    public string? Refused { get; set; }

    public ValueTask<WebSocket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        if (!IsUp)
            throw new IOException("No network.");
        var (ours, theirs) = DuplexStream.Pair();
        var socket = WebSocket.CreateFromStream(ours, isServer: true, "holi.v1", Timeout.InfiniteTimeSpan);
        Connections++;
        _ = ServeAsync(socket);
        return new(WebSocket.CreateFromStream(theirs, isServer: false, "holi.v1", Timeout.InfiniteTimeSpan));
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Cut()
    {
        lock (_lock)
            _socket?.Abort();
    }

    public async Task CloseAsync(HoliCode code) => await _socket!.CloseOutputAsync((WebSocketCloseStatus)code, null, CancellationToken.None);

    public string[] TextsOf(string topic)
    {
        lock (_lock)
        {
            return [.. _topics.GetValueOrDefault(topic, []).Where(e => e.Type == MessageTypes.MessagePost)
                .Select(e => MessagePost.TryRead(new(e.Payload), out var post) ? post.Text : "?")];
        }
    }

    /// <summary>Somebody else posts.</summary>
    public async Task PostAsync(string topic, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        lock (_lock)
            Append(topic, MessageTypes.MessagePost, new MessagePost(text).ToBytes(), output);
        await SendAsync(_socket, output);
    }

    private async Task ServeAsync(WebSocket socket)
    {
        lock (_lock)
            _socket = socket;
        var buffer = new byte[WireLimits.MessageBytesMax];
        try
        {
            while (true)
            {
                var count = 0;
                ValueWebSocketReceiveResult read;
                do
                {
                    read = await socket.ReceiveAsync(buffer.AsMemory(count), CancellationToken.None);
                    count += read.Count;
                }
                while (!read.EndOfMessage);
                if (read.MessageType == WebSocketMessageType.Close)
                    return;
                var output = new ArrayBufferWriter<byte>();
                lock (_lock)
                    Handle(new(buffer, 0, count), output);
                await SendAsync(socket, output);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
        }
    }

    private void Handle(ReadOnlySequence<byte> message, ArrayBufferWriter<byte> output)
    {
        var reader = new FrameReader(message);
        var committed = Committed;
        var refusals = new List<Refusal>();
        while (reader.TryRead(out var frame, out _))
        {
            switch (frame.Kind)
            {
                case FrameKind.Hello:
                    HelloFrame.TryRead(frame.Body, out var hello, out _).ShouldBeTrue();
                    Welcome(hello!, output);
                    break;
                case FrameKind.Command or FrameKind.CommandAgain:
                    var isRead = frame.Kind == FrameKind.Command
                        ? CommandFrame.TryRead(frame.Body, out var command, out _)
                        : CommandFrame.TryReadAgain(frame.Body, out command, out _);
                    isRead.ShouldBeTrue();
                    Commit(command, output, refusals);
                    break;
                case FrameKind.Ping:
                    PingFrame.TryRead(frame.Body, out var ping, out _).ShouldBeTrue();
                    new PongFrame(ping.Nonce, 1).Write(output);
                    break;
                case FrameKind.Signal:
                    SignalFrame.TryRead(frame.Body, out var signal, out _).ShouldBeTrue();
                    Signals.Add(signal with { Payload = default });
                    break;
                case FrameKind.Watch:
                    WatchFrame.TryRead(frame.Body, out var watch, out _).ShouldBeTrue();
                    if (watch.Mode == WatchMode.On)
                        new RosterFrame(watch.Topic, [new(1, "ana", MemberRole.Owner, 0, 0, true, 1), new(2, "ben", MemberRole.Member, 0, 0, true, 1)]).Write(output);
                    break;
                case FrameKind.HistoryRequest:
                    HistoryRequestFrame.TryRead(frame.Body, out var history, out _).ShouldBeTrue();
                    History(history, output);
                    break;
            }
        }
        if (Committed > committed)
            CommitFrame.Write(output, Committed, [.. refusals]);
    }

    private void Welcome(HelloFrame hello, ArrayBufferWriter<byte> output)
    {
        new WelcomeFrame
        {
            Generation = hello.Generation == 0 ? 1 : hello.Generation,
            Committed = Committed,
            Digest = _digest,
            TimeMs = 1,
            TimeBaseMs = 1,
            Heartbeat = TimeSpan.FromSeconds(25),
            TokenExpiresMs = 3_600_000,
            User = "ana",
            Topics = _topics.Count,
            BulkCredit = 1 << 20,
            AudioCredit = 0,
            Limits = new WelcomeLimits(4_096, 1 << 20, WireLimits.FrameBytesMax, 100, 1_000),
        }.Write(output);
        CommitFrame.Write(output, Committed, []);
        foreach (var (name, events) in _topics)
        {
            var cursor = hello.Cursors.FirstOrDefault(c => c.Name == name)?.Offset ?? 0;
            var start = cursor > 0 ? cursor : Math.Max(0, (ulong)events.Count - (ulong)Math.Min(events.Count, hello.Backlog));
            Announce(name, start, output);
            if (start > cursor)
                new SkipFrame(Number(name), start, SkipReason.BeyondBacklog).Write(output);
            for (var offset = start + 1; offset <= (ulong)events.Count; offset++)
                WriteEvent(name, offset, output);
            new CompleteFrame(Number(name), (ulong)events.Count, 5_000).Write(output);
        }
    }

    private void Commit(CommandFrame command, ArrayBufferWriter<byte> output, List<Refusal> refusals)
    {
        if (command.Seq <= Committed)
            return;
        command.Seq.ShouldBe(Committed + 1);
        var name = command.Topic == 0 ? command.TopicNameText : _numbers[(int)command.Topic];
        Committed = command.Seq;
        _digest = _digest.Roll(CommandCheck.Compute(command.Seq, command.FirstGeneration, command.FirstSeq, command.Type, Encoding.UTF8.GetBytes(name), command.Payload));
        var payload = command.Payload.ToArray();
        if (Refused is not null && MessagePost.TryRead(new(payload), out var post) && post.Text == Refused)
            refusals.Add(new Refusal(command.Seq, HoliCode.RoleTooLow));
        else if (command.Type == MessageTypes.ConversationCreate)
            Append(name, command.Type, new ConversationCreated("made", "ana").ToBytes(), output);
        else if (command.Type != MessageTypes.ReadMark)
            Append(name, command.Type, payload, output);
    }

    private void Append(string topic, ushort type, byte[] payload, ArrayBufferWriter<byte> output)
    {
        if (!_topics.TryGetValue(topic, out var events))
        {
            _topics.Add(topic, events = []);
            Announce(topic, 0, output);
        }
        events.Add((type, payload));
        WriteEvent(topic, (ulong)events.Count, output);
    }

    private void Announce(string topic, ulong start, ArrayBufferWriter<byte> output) => new TopicFrame
    {
        Number = Number(topic),
        Name = topic,
        Epoch = 7,
        Head = (ulong)_topics[topic].Count,
        First = 1,
        Start = start,
        Role = MemberRole.Owner,
        Member = 1,
        Members = 2,
    }.Write(output);

    private void History(HistoryRequestFrame asked, ArrayBufferWriter<byte> output)
    {
        var name = _numbers[(int)asked.Topic];
        var before = asked.Before == 0 ? (ulong)_topics[name].Count + 1 : asked.Before;
        var first = before > asked.Count ? before - asked.Count : 1;
        var frames = new ArrayBufferWriter<byte>();
        for (var offset = first; offset < before; offset++)
            WriteEvent(name, offset, frames);
        new HistoryPageFrame(asked.Request, asked.Topic, first == 1, new(frames.WrittenMemory)).Write(output);
    }

    private void WriteEvent(string topic, ulong offset, ArrayBufferWriter<byte> output)
    {
        var (type, payload) = _topics[topic][(int)offset - 1];
        new EventFrame(Number(topic), offset, 1_000 + (long)offset, 1, type, new(payload)).Write(output, 1);
    }

    private uint Number(string topic)
    {
        if (_numbers.IndexOf(topic) is var known and > 0)
            return (uint)known;
        _numbers.Add(topic);
        return (uint)_numbers.Count - 1;
    }

    // A message at most as large as one may be; frames are whole, because no test sends one over a part's size.
    private static async Task SendAsync(WebSocket? socket, ArrayBufferWriter<byte> output)
    {
        var rest = output.WrittenMemory;
        while (!rest.IsEmpty && socket is not null)
        {
            var reader = new FrameReader(new ReadOnlySequence<byte>(rest[..Math.Min(rest.Length, WireLimits.MessageBytesMax)]));
            var take = 0;
            while (reader.TryRead(out var frame, out _))
                take += frame.WireBytes;
            await socket.SendAsync(rest[..take], WebSocketMessageType.Binary, true, CancellationToken.None);
            rest = rest[take..];
        }
    }
}
