using System.Buffers;
using System.Text;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

/// <summary>One device of a <see cref="World"/>: the host of its connection, and a reader of all that it is sent.</summary>
internal sealed class TestDevice : IConnectionHost
{
    private readonly World _world;
    private readonly PartAssembler _parts = new(Side.Gateway);
    private readonly string _user;
    private readonly string _device;
    private bool _isOver;

    public TestDevice(World world, string user, string device)
    {
        (_world, _user, _device) = (world, user, device);
        Connection = new DeviceConnection(this, world.Around, world.Now);
    }

    public DeviceConnection Connection { get; }
    public HoliCode CloseCode { get; private set; }
    public WelcomeFrame? Welcome { get; private set; }
    /// <summary>Known topics by name.</summary>
    public Dictionary<string, TopicFrame> Topics { get; } = [];
    /// <summary>What came since <see cref="Forget"/>, in order.</summary>
    public List<(FrameKind Kind, Lane? Part, object Frame)> Frames { get; } = [];
    /// <summary>Sizes of the messages that came since <see cref="Forget"/>.</summary>
    public List<int> Messages { get; } = [];
    public ulong Seq { get; set; }
    public CommandDigest Digest { get; private set; }
    public int Wakes { get; private set; }
    /// <summary>False: it does not read.</summary>
    public bool Reads { get; set; } = true;

    public IEnumerable<T> All<T>() => Frames.Select(f => f.Frame).OfType<T>();

    public T One<T>() => All<T>().ShouldHaveSingleItem();

    public EventFrame[] EventsOf(string topic) => [.. All<EventFrame>().Where(e => e.Topic == Topics[topic].Number)];

    public string[] TextsOf(string topic) =>
        [.. EventsOf(topic).Where(e => e.Type == MessageTypes.MessagePost).Select(e => TextOf(e.Payload))];

    public static string TextOf(in ReadOnlySequence<byte> payload)
    {
        MessagePost.TryRead(payload, out var post).ShouldBeTrue();
        return post!.Text;
    }

    public void Forget()
    {
        Frames.Clear();
        Messages.Clear();
    }

    public void SayHello(Action<HelloDraft>? change = null, bool withSettle = false)
    {
        Put(HelloOf(change).Write);
        if (withSettle)
            _world.Settle();
    }

    public HelloFrame HelloOf(Action<HelloDraft>? change = null)
    {
        var draft = new HelloDraft { Token = _world.Token(_user), Device = _device };
        change?.Invoke(draft);
        (Seq, Digest) = (draft.Known, draft.Digest);
        return draft.ToFrame();
    }

    /// <summary>A command with the next seq to a topic by name.</summary>
    public ulong Send<T>(string topic, ushort type, T payload)
        where T : IPayload<T>
    {
        var frame = new ArrayBufferWriter<byte>();
        CommandOf(++Seq, topic, type, payload.ToBytes()).Write(frame);
        var lanes = new LaneScheduler(WireLimits.FrameBytesMax);
        lanes.TryEnqueue(Lane.Interactive, frame.WrittenMemory).ShouldBeTrue();
        for (var message = new ArrayBufferWriter<byte>(); lanes.TryFill(message, WireLimits.MessageBytesMax); message.Clear())
            PutBytes(message.WrittenSpan.ToArray());
        return Seq;
    }

    /// <summary>The topic's events are those from first to last, each once and in order.</summary>
    public void ShouldHave(string topic, ulong first, ulong last)
    {
        var next = first;
        foreach (var received in EventsOf(topic))
            received.Offset.ShouldBe(next++);
        next.ShouldBe(last + 1);
    }

    public ulong Post(string topic, string text) => Send(topic, MessageTypes.MessagePost, new MessagePost(text, null, null, null));

    /// <summary>A command by name; rolls the digest if it is the next.</summary>
    public CommandFrame CommandOf(ulong seq, string topic, ushort type, byte[] payload)
    {
        var name = Encoding.UTF8.GetBytes(topic);
        var bytes = new ReadOnlySequence<byte>(payload);
        Digest = Digest.Roll(CommandCheck.Compute(seq, 0, 0, type, name, bytes));
        return new CommandFrame(seq, 0, 0, 0, new ReadOnlySequence<byte>(name), type, bytes);
    }

    /// <summary>One message of these frames.</summary>
    public void Put(params Action<IBufferWriter<byte>>[] frames)
    {
        var message = new ArrayBufferWriter<byte>();
        foreach (var write in frames)
            write(message);
        PutBytes(message.WrittenSpan.ToArray());
    }

    public void PutBytes(params byte[] message) => Connection.Receive(new ReadOnlySequence<byte>(message), _world.Now);

    public void TakeMessages()
    {
        while (Reads)
        {
            var message = new ArrayBufferWriter<byte>();
            if (!Connection.TryFill(message, _world.Now))
                return;
            Take(message);
        }
    }

    /// <summary>A message that was filled.</summary>
    public void Take(ArrayBufferWriter<byte> message)
    {
        message.WrittenCount.ShouldBeLessThanOrEqualTo(WireLimits.MessageBytesMax);
        Messages.Add(message.WrittenCount);
        Take(new ReadOnlySequence<byte>(message.WrittenMemory.ToArray()), null);
    }

    public bool HasRoom => _world.HasRoom;
    public bool Submit(CommitInput input) => _world.Submit(input);
    public void Authenticate(string token) => Connection.OnAuthenticated(World.Verify(token), _world.Now);
    public void ReadMemberships(string tenant, string user) =>
        Read(s => s.ReadMembershipsAsync(tenant, user, default), r => Connection.OnMemberships(r, _world.Now));
    public void ReadMembership(string tenant, string user, string topicName) =>
        Read(s => s.ReadMembershipAsync(tenant, user, topicName, default), r => Connection.OnMembership(r, _world.Now));
    public void ReadRefusals(long deviceId, uint generation, ulong after, ulong through) =>
        Read(s => s.ReadRefusalsAsync(deviceId, generation, after, through, default), r => Connection.OnRefusals(r, _world.Now));
    public void ReadEvents(long topicId, ulong after, int countMax, int bytesMax) =>
        Read(s => s.ReadEventsAsync(topicId, after, countMax, bytesMax, default), r => Connection.OnEvents(r, _world.Now));
    public void ReadHistory(long topicId, ulong first, ulong before, int countMax, int bytesMax) =>
        Read(s => s.ReadEventsBackAsync(topicId, first, before, countMax, bytesMax, default), r => Connection.OnHistory(r, _world.Now));
    public void ReadRoster(long topicId) =>
        Read(s => RosterRead.ReadAsync(s, topicId, default), r => Connection.OnRoster(r, _world.Now));
    public void FindCheck(long deviceId, uint generation, ulong seq) =>
        Read(s => s.FindCheckAsync(deviceId, generation, seq, default), r => Connection.OnCheck(r, _world.Now));
    public void Wake() => Wakes++;

    public void Close(HoliCode code)
    {
        CloseCode.ShouldBe(HoliCode.None);
        CloseCode = code;
    }

    /// <summary>The socket is over: nothing is answered any more.</summary>
    public void End()
    {
        _isOver = true;
        Connection.Closed();
        _world.Devices.Remove(this);
    }

    void ICommitSource.Opened(in DeviceOpened opened)
    {
        if (!_isOver)
            Connection.OnOpened(opened, _world.Now);
    }

    void ICommitSource.Committed(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        if (!_isOver)
            Connection.OnCommitted(committed, refusals, _world.Now);
    }

    void ICommitSource.Refused(HoliCode code)
    {
        if (!_isOver)
            Connection.OnRefused(code, _world.Now);
    }

    private void Read<T>(Func<ILogStore, ValueTask<T>> read, Action<T> answer) => _world.Read(read, result =>
    {
        if (!_isOver)
            answer(result);
    });

    private void Take(in ReadOnlySequence<byte> bytes, Lane? part)
    {
        var reader = part is null ? new FrameReader(bytes) : new FrameReader(bytes, WireLimits.FrameBytesMax);
        Violation violation;
        while (reader.TryRead(out var frame, out violation))
            TakeFrame(frame, part);
        violation.ShouldBe(Violation.None);
    }

    private void TakeFrame(in Frame frame, Lane? part)
    {
        if (frame.Kind == FrameKind.Part)
        {
            PartFrame.TryRead(frame.Body, out var piece, out _).ShouldBeTrue();
            if (_parts.TryAdd(piece.Lane, piece.Last, piece.Bytes, out var whole, out var violation))
                Take(new ReadOnlySequence<byte>(whole.ToArray()), piece.Lane);
            violation.ShouldBe(Violation.None);
            return;
        }
        var read = Read(frame);
        Frames.Add((frame.Kind, part, read));
        if (read is WelcomeFrame welcome)
            Welcome = welcome;
        if (read is TopicFrame topic)
            Topics[topic.Name] = topic;
    }

    private static object Read(in Frame frame)
    {
        var body = frame.Body;
        Violation v;
        object? read = frame.Kind switch
        {
            FrameKind.Welcome => WelcomeFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Pong => PongFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.GoAway => GoAwayFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.TokenAccepted => TokenAcceptedFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Credit => CreditFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Error => ErrorFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Commit => CommitFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Event => EventFrame.TryRead(body, World.TimeBaseMs, out var f, out v) ? f : null,
            FrameKind.Skip => SkipFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Topic => TopicFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.TopicGone => TopicGoneFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Complete => CompleteFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Roster => RosterFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.Receipts => ReceiptsFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.PeerSignal => PeerSignalFrame.TryRead(body, out var f, out v) ? f : null,
            FrameKind.HistoryPage => HistoryPageFrame.TryRead(body, out var f, out v) ? f : null,
            _ => null,
        };
        return read.ShouldNotBeNull($"a gateway sent {frame.Kind}");
    }
}
