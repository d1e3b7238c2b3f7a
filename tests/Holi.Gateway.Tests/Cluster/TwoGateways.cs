using System.Buffers;
using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Messages;
using Holi.Gateway.Commit;
using Holi.Gateway.Tests.Connections;
using Holi.Gateway.Tests.Storage;
using Holi.Gateway.Topics;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Cluster;

/// <summary>
/// Two gateways on one log, their devices, and a line between them on which anything may happen. A schedule decides every step: which of them
/// commits, publishes, hears which message, reads what. Nothing happens by itself.
/// </summary>
internal sealed class TwoGateways
{
    private static readonly string[] Users = ["ana", "ben", "cai"];
    private static readonly string[] Rooms = ["conversation/a", "conversation/b"];

    private readonly History _history = new();
    private readonly Side[] _sides;

    public TwoGateways()
    {
        var log = new MemoryLogStore();
        _sides = [new Side(log, _history), new Side(log, _history)];
    }

    /// <summary>What one gateway holds.</summary>
    private sealed class Side
    {
        private readonly WakeupWriter _writer = new(NodeId.New(), new ClusterLimits { InlineBytesMax = 60 });
        private readonly MessageIntake _intake;

        public Side(MemoryLogStore log, History history)
        {
            World = new World(new GatewayLimits { ForeignAttempts = 1_000_000, TailEvents = 4 }, log, isShared: true) { ReadsEarly = true };
            var rolls = new OtherRolls(World.Limits.Cluster, World.Limits.PresenceGrace, World.People);
            _intake = new MessageIntake(NodeId.New(), World.Limits, World.Hub, rolls, new LocalDevices(), new RevokedTokens(10));
            World.Told = outcome => _writer.Write(outcome, (_, bytes) => Sent.Add(bytes));
            foreach (var user in Users)
                Witnesses.Add(new Witness(Open(user), user, history));
        }

        public World World { get; }
        public List<Witness> Witnesses { get; } = [];
        /// <summary>To the other.</summary>
        public List<byte[]> Sent { get; } = [];
        public BatchOutcome? Untold { get; set; }
        public List<(List<Hole> Known, Dictionary<long, ulong> Heads)> Comparisons { get; } = [];

        public void Hear(byte[] message) => _intake.Take(message, World.Now, out _);

        public void Reconnect(int index, History history)
        {
            var old = Witnesses[index];
            old.Device.End();
            Witnesses[index] = new Witness(Open(old.User), old.User, history);
        }

        public void Compare()
        {
            var known = new List<Hole>();
            World.Hub.CopyHeads(0, 100, known);
            var heads = World.Store.ReadHeadsAsync([.. known.Select(k => k.Topic.TopicId)], default).AsTask().GetAwaiter().GetResult();
            Comparisons.Add((known, heads.ToDictionary(h => h.TopicId, h => h.Head)));
        }

        // A device of its own at each gateway: fencing is tried elsewhere.
        private TestDevice Open(string user)
        {
            var device = World.Open(user, $"{user}-{World.GetHashCode()}");
            device.SayHello();
            return device;
        }
    }

    public void Step(int step)
    {
        var side = _sides[step & 1];
        var other = _sides[~step & 1];
        var choice = step >> 6;
        switch ((step >> 1) & 31)
        {
            case <= 6:
                Command(side.Witnesses[choice % 3].Device, choice / 3);
                break;
            case <= 9:
                side.World.Fill();
                break;
            case <= 13:
                side.World.AnswerRead();
                break;
            case <= 17:
                Commit(side);
                break;
            case <= 20:
                Tell(side);
                break;
            case <= 25 when other.Sent.Count > 0:
                Hear(side, other, choice);
                break;
            case 26 when other.Sent.Count > 0:
                other.Sent.RemoveAt(choice % other.Sent.Count);
                break;
            case 27 or 28:
                side.World.FillHole(1 + (choice % 3));
                break;
            case 29 when side.World.Hub.TryTakeHole(out var hole):
                side.World.Hub.PutBack(hole);
                break;
            case 30:
                Compare(side, choice);
                break;
            case 31:
                Reconnect(side, choice);
                break;
        }
        Look();
    }

    /// <summary>Whatever was lost stays lost; comparing with the log brings the rest. Then everybody has everything that is theirs: L.</summary>
    public void Converge()
    {
        foreach (var side in _sides)
            side.Sent.Clear();
        for (var round = 0; round < 4; round++)
        {
            foreach (var side in _sides)
            {
                Tell(side);
                SettleOne(side);
                side.Comparisons.Clear();
                side.Compare();
                Apply(side);
                SettleOne(side);
            }
        }
        foreach (var witness in _sides.SelectMany(s => s.Witnesses))
        {
            witness.Device.CloseCode.ShouldBe(HoliCode.None);
            var mine = _history.Topics.Where(t => _history.IsMember(t, witness.User)).Append($"user/{witness.User}").Distinct().Order();
            witness.Following.Order().ShouldBe(mine, $"{witness.User}'s topics");
            foreach (var topic in witness.Following)
                witness.Position(topic).ShouldBe(_history.Head(topic), $"{witness.User} in {topic}");
        }
    }

    private void SettleOne(Side side)
    {
        do
            side.World.Fill();
        while (side.World.AnswerReads() | Commit(side) | Tell(side));
        Look();
    }

    private void Look()
    {
        foreach (var side in _sides)
        {
            foreach (var witness in side.Witnesses)
                witness.Look();
        }
    }

    private static void Command(TestDevice device, int choice)
    {
        if (device.Welcome is null)
            return;
        var topic = Rooms[choice & 1];
        var user = Users[(choice >> 1) % 3];
        var offset = 1ul + (ulong)((choice >> 4) % 12);
        switch ((choice >> 8) % 12)
        {
            case 0:
                device.Send(topic, MessageTypes.ConversationCreate, new ConversationCreate(null, [new NewMember(user, MemberRole.Admin)]));
                break;
            case 1 or 2:
                device.Send(topic, MessageTypes.MemberRemove, new MemberRemove(user));
                break;
            case 3 or 4:
                device.Send(topic, MessageTypes.MemberAdd, new MemberAdd(user, MemberRole.Admin));
                break;
            case 5:
                device.Send(topic, MessageTypes.MemberRole, new MemberRoleChange(user, MemberRole.Member));
                break;
            case 6:
                device.Send(topic, MessageTypes.MessageDelete, new MessageDelete(offset));
                break;
            case 7:
                device.Send(topic, MessageTypes.ReadMark, new ReadMark(offset));
                break;
            case 8 when device.Topics.TryGetValue(topic, out var known):
                device.Put(new Wire.Frames.WatchFrame(known.Number, (Wire.Frames.WatchMode)(choice % 3)).Write);
                break;
            default:
                device.Post(topic, $"message {device.Seq} of {device.GetHashCode()}");
                break;
        }
    }

    private bool Commit(Side side)
    {
        // A committer publishes a batch before it begins the next.
        if (side.Untold is not null || !side.World.HasInputs)
            return false;
        side.Untold = side.World.CommitWithoutTelling();
        _history.Add(side.Untold);
        return true;
    }

    private static bool Tell(Side side)
    {
        if (side.Untold is not { } outcome)
            return false;
        side.Untold = null;
        side.World.Tell(outcome);
        return true;
    }

    // Any of them, in any order; one in four stays on the line and comes again.
    private static void Hear(Side side, Side other, int choice)
    {
        var index = choice / 4 % other.Sent.Count;
        side.Hear(other.Sent[index]);
        if (choice % 4 != 0)
            other.Sent.RemoveAt(index);
    }

    private static void Compare(Side side, int choice)
    {
        if (choice % 2 == 0)
            side.Compare();
        else
            Apply(side);
    }

    private static void Apply(Side side)
    {
        foreach (var (known, heads) in side.Comparisons)
            side.World.Hub.Compare(known, heads);
        side.Comparisons.Clear();
    }

    private void Reconnect(Side side, int choice)
    {
        if (choice % 4 == 0)
            side.Reconnect(choice / 4 % 3, _history);
    }
}
