using System.Text;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Tests.Storage.Postgres;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>
/// Anything at all, in any order, in batches of any size, with a store that fails now and then: the planner never throws, each store and the
/// one in memory come to the same, and the invariants of the log hold. A failing seed replays exactly.
/// </summary>
public sealed class StoresAgreeTests
{
    private const int Batches = 120;

    private static readonly string[] Users = ["ana", "ben", "cai", "dee"];
    private static readonly string[] Odd = ["user/ana", "user/ben", "patient/x", "nothing"];
    // Each as often as it is drawn: conversations that everybody soon leaves would prove little.
    private static readonly ushort[] Types =
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 8, 8, 9, 9, 9, 10, 11, 11, 12, 13,
        MessageTypes.CommandRejected, 999,
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 6)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_is_sent_to_SQLite(int seed)
    {
        using var folder = new TempFolder();
        var options = new SqliteOptions { Path = folder.File("holi.db") };
        await using var sqlite = new SqliteLogStore(options, new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        await sqlite.OpenAsync(TestContext.Current.CancellationToken);
        await AgreeAsync(sqlite, sqlite.Epoch, seed);
        AuditVerification.Verify(options).FirstBadId.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_is_sent_to_Postgres(int seed)
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var postgres = await database.OpenAsync();
        await AgreeAsync(postgres, postgres.Epoch, seed);
        var chain = (await PostgresAudit.VerifyAsync(database.Options, TimeProvider.System, TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        chain.IsWhole.ShouldBeTrue();
        chain.Verdict.Rows.ShouldBeGreaterThan(0);
    }

    private static async Task AgreeAsync(ILogStore store, ulong epoch, int seed)
    {
        await using var memory = new MemoryLogStore { Epoch = epoch };
        var faulty = new FaultyLogStore(store);
        var (one, two) = (new World(faulty, seed), new World(memory, seed));
        var faults = new Random(seed);
        for (var i = 0; i < Batches; i++)
        {
            if (faults.Next(8) == 0)
                faulty.Faults.Enqueue((CommitFault)faults.Next(1, 3));
            one.Step().ShouldBe(two.Step(), $"batch {i}");
        }
        one.Holds();
        two.Holds();
    }

    private sealed class World(ILogStore store, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Scene _scene = new(store);
        private readonly List<Device> _devices = [];
        private readonly HashSet<(string Topic, ulong Offset)> _published = [];
        private int _steps;

        /// <summary>One batch, and all that was said of it.</summary>
        public string Step()
        {
            // Far apart, so that attempts of one batch more or less make no difference.
            _scene.NowMs = ++_steps * 1_000;
            var inputs = new CommitInput[_random.Next(1, 12)];
            for (var i = 0; i < inputs.Length; i++)
                inputs[i] = Input();
            var outcome = _scene.Run(inputs);
            foreach (var (_, answer) in outcome.Published.Where(p => p.Answer.Result == PublicationResult.Committed))
                _published.Add((answer.TopicName!, answer.Offset)).ShouldBeTrue("each has a place of its own");
            // Refused or fenced devices come back as a client would.
            foreach (var device in _devices.Where(d => d.Closed != default || d.Code != default))
                device.Open(generation: 0);
            return Describe(outcome);
        }

        public void Holds()
        {
            foreach (var user in Users)
            {
                foreach (var seen in Scene.Await(store.ReadMembershipsAsync(Scene.Tenant, user, default)))
                {
                    var events = Scene.Await(store.ReadEventsAsync(seen.TopicId, 0, int.MaxValue, int.MaxValue, default));
                    events.Select(e => e.Offset).ShouldBe(Enumerable.Range(1, (int)seen.Head).Select(i => (ulong)i));
                    events.Where(e => e.Identity != default).GroupBy(e => e.Identity).ShouldAllBe(g => g.Count() == 1);
                    var members = Scene.Await(store.ReadMembersAsync(seen.TopicId, default));
                    members.Count.ShouldBe(seen.Members);
                    members.ShouldContain(m => m.Role == MemberRole.Owner);
                    members.ShouldAllBe(m => m.Read <= m.Delivered && m.Delivered <= seen.Head && m.FirstOffset >= 1);
                }
            }
            _published.Count.ShouldBeGreaterThan(10);
        }

        private CommitInput Input()
        {
            var kind = _random.Next(20);
            if (_devices.Count < 3 || kind == 0)
            {
                var device = new Device(_scene, new DeviceKey(Scene.Tenant, Pick(Users), $"d{_random.Next(3)}"));
                _devices.RemoveAll(d => d.Key == device.Key);
                _devices.Add(device);
                return device.Hello(generation: 0, opening: (ulong)_random.Next(4));
            }
            if (kind is >= 3 and <= 5)
                return Publication();
            if (kind == 1)
                return new SubmitDelivered(new TopicKey(Scene.Tenant, Topic()), Pick(Users), (ulong)_random.Next(40));
            var sender = _devices[_random.Next(_devices.Count)];
            if (kind == 2)
                return sender.Hello(sender.Generation, opening: (ulong)_random.Next(6));
            var type = Pick(Types);
            var again = _random.Next(10) == 0;
            return sender.Next(
                Topic(), type, Payload(type), again ? (uint)_random.Next(1, 3) : 0, again ? (ulong)_random.Next(1, 10) : 0);
        }

        // Few keys, so that they meet; a scheduled one comes due some batches later.
        private CommitInput Publication()
        {
            var backend = new Backend(_scene);
            var key = $"{_steps / 10}-{_random.Next(6)}";
            var (person, at) = (Pick(Users), ((_steps + _random.Next(-5, 10)) * 1_000) + 500);
            return _random.Next(6) switch
            {
                0 => backend.Cancel(key),
                1 => backend.Due().FirstOrDefault() ?? (CommitInput)backend.Cancel(key),
                2 => backend.Post(key, Topic(), "published", _random.Next(3) == 0 ? (ulong)_random.Next(1, 16) : null),
                3 => backend.Notify(key, $"alert/{person}"),
                4 => backend.Notify(key, $"user/{person}", expires: at),
                _ => backend.Notify(key, $"user/{person}", deliverAt: at, expires: at + (_random.Next(1, 5) * 1_000)),
            };
        }

        private byte[] Payload(ushort type)
        {
            var (user, role, offset) = (Pick(Users), (MemberRole)_random.Next(4), (ulong)_random.Next(1, 16));
            return _random.Next(12) == 0 ? Garbage() : type switch
            {
                MessageTypes.MessagePost => new MessagePost("text", _random.Next(4) == 0 ? offset : null).ToBytes(),
                MessageTypes.ReadMark => new ReadMark(offset).ToBytes(),
                MessageTypes.MessageReact => new MessageReact(offset, "+", true).ToBytes(),
                MessageTypes.MessageEdit => new MessageEdit(offset, "edited").ToBytes(),
                MessageTypes.MessageDelete => new MessageDelete(offset).ToBytes(),
                MessageTypes.ConversationCreate => new ConversationCreate("title", [.. Users.Select(u => new NewMember(u, u == user ? role : MemberRole.Member))]).ToBytes(),
                MessageTypes.MemberAdd => new MemberAdd(user, role).ToBytes(),
                MessageTypes.MemberRemove => new MemberRemove(user).ToBytes(),
                MessageTypes.MemberRole => new MemberRoleChange(user, role).ToBytes(),
                MessageTypes.ConversationRename => new ConversationRename("renamed").ToBytes(),
                _ => [],
            };
        }

        private byte[] Garbage()
        {
            var bytes = new byte[_random.Next(6)];
            _random.NextBytes(bytes);
            return bytes;
        }

        // A new one every now and then, so that there is always one with people in it.
        private string Topic() => _random.Next(10) == 0 ? Pick(Odd) : $"conversation/{_steps / 15}-{_random.Next(5) / 4}";

        private T Pick<T>(T[] from) => from[_random.Next(from.Length)];

        // Topics by name: each store has keys of its own.
        private static string Describe(BatchOutcome outcome)
        {
            var text = new StringBuilder();
            foreach (var (_, o) in outcome.Opened)
                text.AppendLine($"opened {o.Code} {o.Generation} {o.Committed} {o.Fence} {Convert.ToHexString(o.Digest.ToBytes())}");
            foreach (var (source, committed, refusals) in outcome.Committed)
                text.AppendLine($"committed {((Device)source).Key} {committed} {string.Join(' ', refusals)}");
            foreach (var (source, code) in outcome.Refused)
                text.AppendLine($"refused {((Device)source).Key} {code}");
            foreach (var (_, answer) in outcome.Published)
                text.AppendLine($"published {answer}");
            foreach (var topic in outcome.Appended.OrderBy(a => a.Topic.Name, StringComparer.Ordinal))
            {
                foreach (var e in topic.Events)
                    text.AppendLine($"event {topic.Topic.Name} {e.Offset} {e.Member} {e.Type} {Convert.ToHexString(e.Payload)}");
            }
            foreach (var m in outcome.Memberships)
                text.AppendLine($"membership {m.Topic.Name} {m.User} {m.Member} {m.Role} {m.Present} {m.Offset}");
            foreach (var p in outcome.Positions.OrderBy(p => (p.Topic.Name, p.Member)))
                text.AppendLine($"position {p.Topic.Name} {p.User} {p.Delivered} {p.Read}");
            return text.Append("erased ").AppendJoin(' ', outcome.Erased.Select(e => e.Offset).Order()).ToString();
        }
    }
}
