using System.Buffers;
using System.Text;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>A store, a planner and people who command: each call is a batch that ends on disk before it returns.</summary>
public sealed class Scene(ILogStore store, CommitLimits? limits = null)
{
    public const string Tenant = "clinic";

    private readonly CommitPlanner _planner = new(limits ?? new CommitLimits());

    public Scene()
        : this(new MemoryLogStore())
    {
    }

    public ILogStore Store => store;
    public MemoryLogStore Memory => (MemoryLogStore)store;
    public long NowMs { get; set; } = 1_000;
    public BatchOutcome Last { get; private set; } = new();

    /// <summary>Plans and commits, trying again while the store fails; then tells the sources.</summary>
    public BatchOutcome Run(params CommitInput[] inputs)
    {
        var run = new CommitRun(_planner, inputs);
        while (true)
        {
            try
            {
                Last = Await(run.AttemptAsync(store, NowMs++, CancellationToken.None));
                break;
            }
            catch (StoreUnavailableException)
            {
            }
        }
        foreach (var (source, opened) in Last.Opened)
            source.Opened(opened);
        foreach (var (source, committed, refusals) in Last.Committed)
            source.Committed(committed, refusals);
        foreach (var (source, code) in Last.Refused)
            source.Refused(code);
        foreach (var (source, answer) in Last.Published)
            source.Answered(answer);
        return Last;
    }

    /// <summary>A new device of a person, open.</summary>
    public Device Connect(string user, string device = "phone", string tenant = Tenant)
    {
        var opened = new Device(this, new DeviceKey(tenant, user, device));
        opened.Open(generation: 0);
        opened.Code.ShouldBe(HoliCode.None);
        return opened;
    }

    /// <summary>A conversation of ana (owner) and those named, and a device of each in the same order.</summary>
    public (string Topic, Device[] Devices) Conversation(params (string User, MemberRole Role)[] others)
    {
        var ana = Connect("ana");
        const string topic = "conversation/room";
        ana.Send(topic, MessageTypes.ConversationCreate, new ConversationCreate(null, [.. others.Select(o => new NewMember(o.User, o.Role))]))
            .ShouldBe(HoliCode.None);
        return (topic, [ana, .. others.Select(o => Connect(o.User))]);
    }

    public Membership? See(string user, string topic, string tenant = Tenant) =>
        Await(store.ReadMembershipAsync(tenant, user, topic, CancellationToken.None));

    public IReadOnlyList<StoredEvent> Events(string member, string topic, string tenant = Tenant) =>
        Await(store.ReadEventsAsync(See(member, topic, tenant)!.TopicId, 0, 10_000, int.MaxValue, CancellationToken.None));

    public static T Await<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}

/// <summary>One device as the committer sees it: its seqs, and what it was told.</summary>
public sealed class Device(Scene scene, DeviceKey key) : ICommitSource
{
    public DeviceKey Key => key;
    public HoliCode Code { get; private set; }
    public DeviceOpened Opening { get; private set; }
    public uint Generation { get; set; }
    public ulong Fence { get; set; }
    public ulong Seq { get; set; }
    public CommandDigest Digest { get; set; }
    public ulong CommittedSeq { get; private set; }
    public List<Refusal> Refusals { get; } = [];
    public HoliCode Closed { get; private set; }

    public OpenDevice Hello(uint generation, ulong? lastAssigned = null, ulong? known = null, CommandDigest? digest = null, ulong opening = 0) =>
        new(this, key, generation, lastAssigned ?? Seq, known ?? Seq, digest ?? Digest, opening);

    public HoliCode Open(uint generation, ulong? lastAssigned = null, ulong? known = null, CommandDigest? digest = null, ulong opening = 0)
    {
        scene.Run(Hello(generation, lastAssigned, known, digest, opening));
        return Code;
    }

    /// <summary>The next command.</summary>
    public SubmitCommand Next(string topic, ushort type, byte[] payload, uint firstGeneration = 0, ulong firstSeq = 0)
    {
        var check = CommandCheck.Compute(
            ++Seq, firstGeneration, firstSeq, type, Encoding.UTF8.GetBytes(topic), new ReadOnlySequence<byte>(payload));
        Digest = Digest.Roll(check);
        return new SubmitCommand(this, key, Generation, Fence, Seq, firstGeneration, firstSeq, check, topic, type, payload);
    }

    public SubmitCommand Post(string topic, string text) => Next(topic, MessageTypes.MessagePost, new MessagePost(text).ToBytes());

    public HoliCode Send(string topic, ushort type, byte[] payload)
    {
        var command = Next(topic, type, payload);
        scene.Run(command);
        CommittedSeq.ShouldBe(command.Seq);
        return Refusals.SingleOrDefault(r => r.Seq == command.Seq).Code;
    }

    public HoliCode Send<T>(string topic, ushort type, T payload)
        where T : IPayload<T> => Send(topic, type, payload.ToBytes());

    void ICommitSource.Opened(in DeviceOpened opened)
    {
        (Opening, Code) = (opened, opened.Code);
        if (opened.Code != HoliCode.None)
            return;
        if (opened.Generation != Generation)
            (Seq, Digest) = (0, default);
        (Generation, Fence, CommittedSeq) = (opened.Generation, opened.Fence, opened.Committed);
        Closed = HoliCode.None;
    }

    void ICommitSource.Committed(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        CommittedSeq = committed;
        Refusals.AddRange(refusals);
    }

    void ICommitSource.Refused(HoliCode code) => Closed = code;
}
