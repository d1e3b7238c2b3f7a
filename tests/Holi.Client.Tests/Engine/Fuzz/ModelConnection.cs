using System.Buffers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Engine.Fuzz;

/// <summary>What the model gateway knows of one connection.</summary>
internal sealed class ModelConnection
{
    private bool _isComplete;

    public HelloFrame? Hello { get; set; }
    public WelcomeFrame? Welcome { get; set; }
    public List<Refusal> KnownRefusals { get; } = [];
    public Queue<ulong> Pings { get; } = new();
    public bool IsReady { get; private set; }
    public ulong Position { get; private set; }
    public ulong Acked { get; set; }
    public long Credit { get; set; }

    public void Begin(HelloFrame hello, uint generation, ulong committed, CommandDigest digest, WelcomeLimits limits)
    {
        IsReady = true;
        Credit = hello.BulkCredit;
        Welcome = new WelcomeFrame
        {
            Generation = generation, Committed = committed, Digest = digest, TimeMs = 1_000, TimeBaseMs = 1_000, Heartbeat = TimeSpan.FromSeconds(25),
            TokenExpiresMs = 1_000_000_000, User = "ana", Topics = 1, BulkCredit = 1 << 20, Limits = limits,
        };
    }

    public void Announce(ArrayBufferWriter<byte> output, ulong head)
    {
        var cursor = Hello!.Cursors.FirstOrDefault(c => c is { Name: ModelGateway.Ward, Epoch: 7 })?.Offset ?? 0;
        cursor.ShouldBeLessThanOrEqualTo(head, "a cursor beyond what there is");
        Position = cursor;
        new TopicFrame
        {
            Number = 5, Name = ModelGateway.Ward, Epoch = 7, Head = head, First = 1, Start = Position, Role = MemberRole.Member, Member = 1, Members = 2,
        }.Write(output);
    }

    /// <summary>Events from the position on, with bulk credit until the first Complete.</summary>
    public void Fill(ArrayBufferWriter<byte> output, List<byte[]> log, int most, Random random)
    {
        for (; most > 0 && Position < (ulong)log.Count && output.WrittenCount < WireLimits.MessageBytesMax / 2; most--)
        {
            var before = output.WrittenCount;
            if (!_isComplete && Credit < LaneSets.PieceBytesMax)
                return;
            new EventFrame(5, Position + 1, 2_000, 1, MessageTypes.MessagePost, new(log[(int)Position])).Write(output, 1_000);
            Position++;
            if (!_isComplete)
                Credit -= output.WrittenCount - before;
            // A frame that comes twice is dropped by whoever has it.
            if (_isComplete && random.Next(20) == 0)
                new EventFrame(5, Position, 2_000, 1, MessageTypes.MessagePost, new(log[(int)Position - 1])).Write(output, 1_000);
        }
        if (_isComplete || Position < (ulong)log.Count)
            return;
        var start = output.WrittenCount;
        new CompleteFrame(5, Position, 3_000).Write(output);
        Credit -= output.WrittenCount - start;
        _isComplete = true;
    }
}
