using System.Buffers;
using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Engine;

/// <summary>
/// An engine with a hand for everything it asks of the world: the test says when the socket opens, when the disk answers, what the
/// gateway sends, what time it is. Nothing happens by itself, unless <see cref="AutoStore"/> says so.
/// </summary>
internal sealed class EngineBench : IEngineHost
{
    private readonly Queue<Action> _due = new();
    private IReadOnlyList<StoreWrite>? _batch;

    public EngineBench(MemoryDeviceStore? store = null, EngineOptions? options = null, Func<double>? random = null)
    {
        Store = store ?? new MemoryDeviceStore();
        Engine = new DeviceEngine(options ?? new EngineOptions { User = "ana" }, this, random ?? (() => 0.5), StoreContent.Read(Store), Time);
    }

    public MemoryDeviceStore Store { get; }
    public DeviceEngine Engine { get; }
    public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);
    public EngineTime Time => new(Now, 1_700_000_000_000 + (long)Now.TotalMilliseconds);

    /// <summary>True: batches are written as soon as the engine hands them over.</summary>
    public bool AutoStore { get; set; } = true;
    public bool AutoToken { get; set; } = true;

    public int Connection { get; private set; }
    public List<(int Connection, HoliCode Code)> Dropped { get; } = [];
    public int TokensAsked { get; private set; }
    public List<EngineNotice> Notices { get; } = [];
    public bool HasBatch => _batch is not null;
    public EngineStatus Status => Notices.OfType<StatusChanged>().Last().Status;

    void IEngineHost.Connect(int connection) => Connection = connection;
    void IEngineHost.Drop(int connection, HoliCode code) => Dropped.Add((connection, code));
    void IEngineHost.Notify(EngineNotice notice) => Notices.Add(notice);

    void IEngineHost.Write(IReadOnlyList<StoreWrite> batch)
    {
        _batch.ShouldBeNull("one batch at a time");
        _batch = batch;
        if (AutoStore)
            _due.Enqueue(FinishBatch);
    }

    void IEngineHost.ReadOutbox(int read, ulong after, int countMax, int bytesMax) =>
        _due.Enqueue(() => Engine.OnOutboxRead(read, Store.ReadOutbox(after, countMax, bytesMax), Time));

    void IEngineHost.FetchToken()
    {
        TokensAsked++;
        if (AutoToken)
            _due.Enqueue(() => Engine.OnToken($"token-{TokensAsked}", Time));
    }

    /// <summary>The disk answers.</summary>
    public void FinishBatch()
    {
        var batch = _batch.ShouldNotBeNull();
        _batch = null;
        try
        {
            Store.Write(batch);
        }
        catch (DeviceStoreException failure)
        {
            Engine.OnWriteFailed(failure, Time);
            return;
        }
        Engine.OnWritten(batch.Any(w => w is StartGeneration) ? Store.ReadIdentity() : null, Time);
    }

    /// <summary>Lets everything that was asked for be answered.</summary>
    public EngineBench Run()
    {
        while (_due.TryDequeue(out var next))
            next();
        return this;
    }

    /// <summary>Time passes; the engine is polled whenever it wants.</summary>
    public EngineBench Pass(TimeSpan span)
    {
        var end = Now + span;
        for (var polls = 0; Engine.NextDeadline <= end; polls++)
        {
            polls.ShouldBeLessThan(10_000, "the engine asks to be polled for ever");
            Now = Engine.NextDeadline > Now ? Engine.NextDeadline : Now;
            Engine.Poll(Time);
            Run();
        }
        Now = end;
        return this;
    }

    public EngineBench Start()
    {
        Engine.Start(Time);
        return Run();
    }

    /// <summary>The socket opens: the engine says Hello.</summary>
    public HelloFrame Open()
    {
        Engine.OnOpened(Connection, Time);
        Run();
        LastSent = Sent();
        return LastSent.OfType<HelloFrame>().Single();
    }

    /// <summary>What went out with <see cref="Open"/>.</summary>
    public List<object> LastSent { get; private set; } = [];

    /// <summary>From nothing to ready, against a gateway that has committed so much in a generation.</summary>
    public EngineBench Ready(uint generation = 1, ulong committed = 0, CommandDigest digest = default, int topics = 0)
    {
        if (Engine.State is ConnectionState.Stopped)
            Start();
        Open();
        Receive(Welcome(generation, committed, digest, topics), Commit(committed));
        return this;
    }

    public EngineBench Receive(params Action<IBufferWriter<byte>>[] frames)
    {
        var message = new ArrayBufferWriter<byte>();
        foreach (var frame in frames)
            frame(message);
        Engine.OnMessage(Connection, new(message.WrittenMemory), Time);
        return Run();
    }

    public EngineBench Close(int status)
    {
        Engine.OnClosed(Connection, status, Time);
        return Run();
    }

    /// <summary>Everything the engine wants to send now, as frames.</summary>
    public List<object> Sent()
    {
        var sent = new List<object>();
        var message = new ArrayBufferWriter<byte>();
        for (; Engine.TryFill(message, Time); message.ResetWrittenCount())
        {
            SentFrames.ReadInto(sent, message.WrittenMemory.ToArray());
            Run();
        }
        return sent;
    }

    public QueueRequest Queue(string text = "hello", string topic = "conversation/c1") =>
        Queue(new QueueRequest(topic, MessageTypes.MessagePost, new MessagePost(text).ToBytes()));

    public QueueRequest Queue(QueueRequest request)
    {
        Engine.Queue(request, Time);
        Run();
        return request;
    }

    public static Action<IBufferWriter<byte>> Welcome(
        uint generation = 1, ulong committed = 0, CommandDigest digest = default, int topics = 0, string user = "ana",
        TimeSpan? heartbeat = null, TimeSpan? tokenLifetime = null, WelcomeLimits? limits = null) => new WelcomeFrame
        {
            Generation = generation,
            Committed = committed,
            Digest = digest,
            TimeMs = 1_800_000_000_000,
            TimeBaseMs = 1_800_000_000_000,
            Heartbeat = heartbeat ?? TimeSpan.FromSeconds(25),
            TokenExpiresMs = 1_800_000_000_000 + (long)(tokenLifetime ?? TimeSpan.FromHours(1)).TotalMilliseconds,
            User = user,
            Topics = topics,
            BulkCredit = 1 << 20,
            AudioCredit = 1 << 20,
            Limits = limits ?? new WelcomeLimits(4_096, 1 << 20, WireLimits.FrameBytesMax, 100, 1_000),
        }.Write;

    public static Action<IBufferWriter<byte>> Commit(ulong committed, params Refusal[] refusals) =>
        output => CommitFrame.Write(output, committed, refusals);

    public static Action<IBufferWriter<byte>> Topic(
        uint number = 1, string name = "conversation/c1", ulong epoch = 7, ulong head = 0, ulong start = 0, ulong read = 0, uint member = 1) =>
        new TopicFrame { Number = number, Name = name, Epoch = epoch, Head = head, Start = start, Read = read, Role = MemberRole.Member, Member = member, Members = 2 }.Write;

    public static Action<IBufferWriter<byte>> Event(ulong offset, uint topic = 1, string text = "hi", uint member = 2) =>
        output => new EventFrame(topic, offset, 1_800_000_000_000, member, MessageTypes.MessagePost, new(new MessagePost(text).ToBytes()))
            .Write(output, 1_800_000_000_000);
}
