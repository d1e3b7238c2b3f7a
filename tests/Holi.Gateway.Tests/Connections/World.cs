using Holi.Gateway.Auth;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Payloads;
using Microsoft.Extensions.Time.Testing;

namespace Holi.Gateway.Tests.Connections;

/// <summary>
/// A gateway without sockets, tasks or a clock of its own: real connections, hub and planner on a log in memory. Nothing happens until
/// <see cref="Settle"/>, or one of its steps, is called.
/// </summary>
internal sealed class World
{
    public const string Tenant = "clinic";

    private readonly CommitPlanner _planner = new(new CommitLimits());
    private readonly List<CommitInput> _inputs = [];
    private readonly Queue<Action> _reads = new();
    private readonly long _startedAt;

    /// <param name="limits">Bounds.</param>
    /// <param name="store">The log; one in memory of its own where none is given.</param>
    /// <param name="isShared">Other worlds write the same log.</param>
    /// <param name="paces">Bulk is fitted to each device's link, for whose credit it waits then.</param>
    public World(GatewayLimits? limits = null, ILogStore? store = null, bool isShared = false, bool paces = false)
    {
        Limits = (limits ?? new GatewayLimits()) with { PacesLinks = paces };
        Store = store ?? new MemoryLogStore();
        _startedAt = Time.GetTimestamp();
        People = new People(Limits, Time);
        Hub = new TopicHub(Limits, People, Time, TimeBaseMs, isShared);
        Around = new Surroundings(Limits, Hub, People, new DeviceTable());
    }

    public static long TimeBaseMs => 1_700_000_000_000;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(TimeBaseMs));
    public GatewayLimits Limits { get; }
    public ILogStore Store { get; }
    public MemoryLogStore Memory => (MemoryLogStore)Store;
    public People People { get; }
    public TopicHub Hub { get; }
    public Surroundings Around { get; }
    public List<TestDevice> Devices { get; } = [];
    public List<CommitInput> Seen { get; } = [];
    public bool TakesInputs { get; set; } = true;

    /// <summary>Hears each batch once it was published here.</summary>
    public Action<BatchOutcome>? Told { get; set; }

    public Instant Now => new(Time.GetElapsedTime(_startedAt), Time.GetUtcNow().ToUnixTimeMilliseconds());

    public bool HasInputs => _inputs.Count > 0;

    /// <summary>A socket that has said nothing yet.</summary>
    public TestDevice Open(string user = "ana", string device = "phone")
    {
        var opened = new TestDevice(this, user, device);
        Devices.Add(opened);
        return opened;
    }

    /// <summary>A device that was welcomed, with its frames so far taken away.</summary>
    public TestDevice Connect(string user = "ana", string device = "phone", Action<HelloDraft>? hello = null)
    {
        var opened = Open(user, device);
        opened.SayHello(hello);
        Settle();
        opened.CloseCode.ShouldBe(HoliCode.None);
        opened.Welcome.ShouldNotBeNull();
        return opened;
    }

    /// <summary>A conversation of ana, her phone, and a phone of each of the others; nobody's frames are left.</summary>
    public (string Topic, TestDevice[] Devices) Conversation(params string[] others)
    {
        const string topic = "conversation/room";
        TestDevice[] devices = [Connect("ana"), .. others.Select(user => Connect(user))];
        var members = others.Select(user => new NewMember(user, MemberRole.Member)).ToList();
        devices[0].Send(topic, MessageTypes.ConversationCreate, new ConversationCreate("Room", members));
        Settle();
        foreach (var device in devices)
            device.Forget();
        return (topic, devices);
    }

    /// <summary>A topic as a member sees it in the log now.</summary>
    public Membership? See(string user, string topic) =>
        Store.ReadMembershipAsync(Tenant, user, topic, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    /// <summary>False: the committer has more than it can commit soon.</summary>
    public bool HasRoom { get; set; } = true;

    public bool Submit(CommitInput input)
    {
        if (!TakesInputs)
            return false;
        Seen.Add(input);
        _inputs.Add(input);
        return true;
    }

    /// <summary>Reads are done at <see cref="AnswerReads"/>; or, if this is set, when they are asked for, and only the answer comes then.</summary>
    public bool ReadsEarly { get; set; }

    public void Read<T>(Func<ILogStore, ValueTask<T>> read, Action<T> answer)
    {
        var result = new Lazy<T>(() => read(Store).AsTask().GetAwaiter().GetResult());
        if (ReadsEarly)
            _ = result.Value;
        _reads.Enqueue(() => answer(result.Value));
    }

    public void Advance(TimeSpan time) => Time.Advance(time);

    /// <summary>Everything that can happen without time passing.</summary>
    public void Settle()
    {
        do
            Fill();
        while (AnswerReads() | Commit());
    }

    public bool AnswerReads()
    {
        var any = _reads.Count > 0;
        while (_reads.TryDequeue(out var read))
            read();
        return any | FillHoles();
    }

    /// <summary>The read that was asked for first.</summary>
    public bool AnswerRead()
    {
        var any = _reads.TryDequeue(out var read);
        read?.Invoke();
        return any;
    }

    /// <summary>Reads what the hub was not told of.</summary>
    public bool FillHoles()
    {
        var any = false;
        while (FillHole(2))
            any = true;
        return any;
    }

    /// <summary>Reads some events of one topic that the hub was not told of.</summary>
    public bool FillHole(int countMax)
    {
        if (!Hub.TryTakeHole(out var hole))
            return false;
        Hub.Fill(hole, Store.ReadEventsAsync(hole.Topic.TopicId, hole.After, countMax, int.MaxValue, default).AsTask().GetAwaiter().GetResult());
        return true;
    }

    /// <summary>One batch of what was submitted, on disk; nobody hears of it before <see cref="Tell"/>.</summary>
    public BatchOutcome CommitWithoutTelling()
    {
        CommitInput[] inputs = [.. _inputs];
        _inputs.Clear();
        return new CommitRun(_planner, inputs).AttemptAsync(Store, Now.UnixMs, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Publishes and answers a batch.</summary>
    public void Tell(BatchOutcome outcome)
    {
        Hub.Committed(outcome);
        Told?.Invoke(outcome);
        foreach (var (source, opened) in outcome.Opened)
            source.Opened(opened);
        foreach (var (source, committed, refusals) in outcome.Committed)
            source.Committed(committed, refusals);
        foreach (var (source, code) in outcome.Refused)
            source.Refused(code);
        foreach (var (source, answer) in outcome.Published)
            source.Answered(answer);
    }

    /// <summary>One batch of what was submitted: on disk, published, answered.</summary>
    public bool Commit()
    {
        if (_inputs.Count == 0)
            return false;
        Tell(CommitWithoutTelling());
        return true;
    }

    /// <summary>Takes out all messages that the connections have.</summary>
    public void Fill()
    {
        foreach (var device in Devices)
            device.TakeMessages();
    }

    /// <summary>The sweep that the shell runs once a second.</summary>
    public void Sweep()
    {
        foreach (var device in Devices.Where(d => d.Connection.NextDeadline <= Now.Since))
            device.Connection.Poll(Now);
        People.Sweep();
        Hub.Sweep();
        Settle();
    }

    public static TokenVerdict Verify(string token)
    {
        var parts = token.Split('|');
        return parts[0] == "good"
            ? new TokenVerdict(HoliCode.None, new TokenIdentity(parts[1], parts[2], long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture), token, ""))
            : TokenVerdict.Refused(HoliCode.TokenInvalid);
    }

    public string Token(string user, string tenant = Tenant, TimeSpan? lifetime = null) =>
        $"good|{tenant}|{user}|{Now.UnixMs + (long)(lifetime ?? TimeSpan.FromHours(1)).TotalMilliseconds}";
}
