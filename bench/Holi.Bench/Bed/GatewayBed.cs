using System.Text;
using Holi.Gateway;
using Holi.Gateway.Commit;
using Holi.Gateway.Connections;
using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Topics;
using Holi.Wire.Payloads;

namespace Holi.Bench.Bed;

/// <summary>
/// A gateway on one thread, without sockets: real connections, planner, hub and SQLite, in a room of so many people. The log lies in memory where the
/// system has a folder for that, so that a batch costs what it computes and not what a disk takes.
/// </summary>
internal sealed class GatewayBed : IAsyncDisposable
{
    private static readonly byte[] Topic = "conversation/room"u8.ToArray();
    private static readonly byte[] Post = new MessagePost(new string('x', 128)).ToBytes();

    private readonly DirectoryInfo _folder;
    private readonly SqliteLogStore _store;
    private readonly CommitPlanner _planner = new(new CommitLimits());
    private readonly Queue<Action> _reads = new();
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private List<CommitInput> _inputs = [], _spare = [];

    private GatewayBed()
    {
        _folder = Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory(Path.Combine("/dev/shm", "holi-bench-" + Guid.NewGuid().ToString("N")))
            : Directory.CreateTempSubdirectory("holi-bench-");
        _store = new SqliteLogStore(new SqliteOptions { Path = Path.Combine(_folder.FullName, "log.db") }, TimeProvider.System);
        var limits = new GatewayLimits();
        var people = new People(limits, TimeProvider.System);
        Hub = new TopicHub(limits, people, TimeProvider.System, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Around = new Surroundings(limits, Hub, people, new DeviceTable());
    }

    public TopicHub Hub { get; }

    public Surroundings Around { get; }

    /// <summary>The first of them owns the room and writes.</summary>
    public List<PlainHost> Members { get; } = [];

    /// <summary>The room, as its members see it.</summary>
    public Membership Room { get; private set; } = null!;

    public Instant Now => new(TimeProvider.System.GetElapsedTime(_startedAt), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>A room of so many people, all of them connected, and all that was said so far taken by all.</summary>
    public static async Task<GatewayBed> OpenAsync(int members)
    {
        var bed = new GatewayBed();
        await bed._store.OpenAsync(default);
        for (var i = 0; i < members; i++)
        {
            bed.Members.Add(new PlainHost(bed, $"user-{i}"));
            bed.Members[i].SayHello();
            bed.Settle();
        }
        var others = Enumerable.Range(1, members - 1).Select(i => new NewMember($"user-{i}", MemberRole.Member)).ToList();
        bed.Members[0].Command(Topic, MessageTypes.ConversationCreate, new ConversationCreate(null, others).ToBytes());
        bed.Settle();
        bed.Room = (await bed._store.ReadMembershipAsync("bench", "user-0", Encoding.UTF8.GetString(Topic), default))!;
        return bed;
    }

    /// <summary>The room's owner says something; it is not committed yet.</summary>
    public void Say() => Members[0].Command(Topic, MessageTypes.MessagePost, Post);

    public bool Submit(CommitInput input)
    {
        _inputs.Add(input);
        return true;
    }

    public void Read<T>(Func<ILogStore, ValueTask<T>> read, Action<T> answer) => _reads.Enqueue(() => answer(Await(read(_store))));

    /// <summary>One batch of what was submitted: in the log, published, answered.</summary>
    public void Commit()
    {
        var batch = _inputs;
        (_inputs, _spare) = (_spare, batch);
        var outcome = Await(new CommitRun(_planner, batch).AttemptAsync(_store, Now.UnixMs, default));
        batch.Clear();
        Hub.Committed(outcome);
        foreach (var (source, opened) in outcome.Opened)
            source.Opened(opened);
        foreach (var (source, committed, refusals) in outcome.Committed)
            source.Committed(committed, refusals);
    }

    /// <summary>Everybody takes what there is; the bytes it came to.</summary>
    public int Take()
    {
        var bytes = 0;
        foreach (var member in Members)
            bytes += member.Take();
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Settle()
    {
        do
        {
            Take();
            while (_reads.TryDequeue(out var read))
                read();
            if (_inputs.Count > 0)
                Commit();
        }
        while (Take() > 0 || _reads.Count > 0 || _inputs.Count > 0);
    }

    private static T Await<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();
}
