using System.Buffers;
using System.Text;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Tests.Engine.Fuzz;

/// <summary>
/// A gateway as the text describes it, in memory, for one device: strict about what the device may do (every breach fails the test), free in
/// what it may do itself. What is committed outlives <see cref="Crash"/>; what was only received does not.
/// </summary>
internal sealed class ModelGateway(Random random)
{
    public const string Ward = "conversation/ward";

    private readonly Dictionary<(uint Generation, ulong Seq, CommandCheck Check), HoliCode> _first = [];
    private readonly Dictionary<ulong, CommandCheck> _checks = [];
    private readonly List<SentFrames.SentCommand> _received = [];
    private readonly WelcomeLimits _limits = new(64, 30_000, WireLimits.FrameBytesMax, 10, 10);
    private ulong _opening;
    private uint _generation;
    private ulong _committed;
    private CommandDigest _digest;
    private ModelConnection? _connection;
    private ulong _next;

    /// <summary>What was committed to the ward: its events. Payloads tell what they are.</summary>
    public List<byte[]> Log { get; } = [];

    /// <summary>Every text that was refused, for those that count.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>An older copy of the device was put back at some time.</summary>
    public bool HadRestore { get; set; }

    public bool IsConnected => _connection is not null;

    public void Connect() => _connection = new ModelConnection();

    public void Cut() => (_connection, _) = (null, Forget());

    /// <summary>Dies and comes back: received commands that were not committed are gone.</summary>
    public void Crash() => Cut();

    /// <summary>Somebody else posts.</summary>
    public void Post(string text) => Log.Add(new MessagePost(text).ToBytes());

    /// <summary>A message from the device. Answers the close code, or None.</summary>
    public HoliCode Receive(ReadOnlySequence<byte> message)
    {
        var frames = new List<object>();
        SentFrames.ReadInto(frames, message.ToArray());
        foreach (var frame in frames)
        {
            if (Handle(frame, (int)message.Length) is var code and not HoliCode.None)
            {
                Cut();
                return code;
            }
        }
        return HoliCode.None;
    }

    /// <summary>What the gateway does by itself: commits what it has, sends what it may. Some of it, at random.</summary>
    public byte[]? Step(bool all)
    {
        if (_connection is not { IsReady: true } connection)
            return null;
        var output = new ArrayBufferWriter<byte>();
        if (connection.Welcome is { } welcome)
        {
            welcome.Write(output);
            connection.Welcome = null;
            CommitFrame.Write(output, _committed, [.. connection.KnownRefusals]);
            connection.Announce(output, (ulong)Log.Count);
        }
        while (connection.Pings.TryDequeue(out var nonce))
            new PongFrame(nonce, 4_000).Write(output);
        Commit(output, all ? int.MaxValue : random.Next(6));
        connection.Fill(output, Log, all ? int.MaxValue : random.Next(8), random);
        return output.WrittenCount == 0 ? null : output.WrittenSpan.ToArray();
    }

    private HoliCode Handle(object frame, int messageBytes)
    {
        var connection = _connection.ShouldNotBeNull();
        switch (frame)
        {
            case HelloFrame hello:
                connection.Hello.ShouldBeNull("Hello comes once");
                return Open(connection, hello, messageBytes);
            case SentFrames.SentCommand command:
                connection.Hello.ShouldNotBeNull();
                if (!connection.IsReady || connection.Welcome is not null)
                    connection.Hello!.Generation.ShouldNotBe(0u, "with generation 0 a device waits for Welcome");
                return Take(connection, command);
            case SentFrames.SentAck ack:
                ack.Offset.ShouldBeLessThanOrEqualTo(connection.Position, "an ack beyond what was sent");
                connection.Acked = Math.Max(connection.Acked, ack.Offset);
                break;
            case PingFrame ping:
                connection.Pings.Enqueue(ping.Nonce);
                break;
            case CreditFrame credit:
                connection.Credit += (long)credit.Bytes;
                connection.Credit.ShouldBeLessThanOrEqualTo(connection.Hello!.BulkCredit, "more credit than there ever was");
                break;
        }
        return HoliCode.None;
    }

    private HoliCode Open(ModelConnection connection, HelloFrame hello, int messageBytes)
    {
        messageBytes.ShouldBeLessThanOrEqualTo(16_388, "what follows Hello is held, 16 KiB at most");
        connection.Hello = hello;
        hello.Opening.ShouldBeGreaterThan(0ul, "every socket is counted");
        if (hello.Opening < _opening)
        {
            HadRestore.ShouldBeTrue("a later socket has no lower number");
            return HoliCode.OpeningOutdated;
        }
        _opening = hello.Opening;
        if (hello.Generation == 0)
        {
            (hello.LastAssigned, hello.Known, hello.Digest).ShouldBe((0ul, 0ul, default));
            (_generation, _committed, _digest) = (_generation + 1, 0, default);
            _checks.Clear();
        }
        else if (hello.Generation != _generation)
        {
            return HoliCode.GenerationUnknown;
        }
        else if (hello.Known > _committed || hello.LastAssigned < _committed || (hello.Known == _committed && hello.Digest != _digest))
        {
            return HoliCode.GenerationForked;
        }
        _next = _committed + 1;
        connection.Begin(hello, _generation, _committed, _digest, _limits);
        return HoliCode.None;
    }

    private HoliCode Take(ModelConnection connection, SentFrames.SentCommand command)
    {
        var check = CommandCheck.Compute(
            command.Seq, command.FirstGeneration, command.FirstSeq, command.Type, Encoding.UTF8.GetBytes(Ward), new(command.Payload));
        if (command.Seq < _next)
        {
            // A restored device may say other things under old seqs behind Hello; nothing else may.
            if (!_checks.TryGetValue(command.Seq, out var known) || known == check)
                return HoliCode.None;
            HadRestore.ShouldBeTrue("a seq was used again for something else");
            return HoliCode.SeqReused;
        }
        command.Seq.ShouldBe(_next, "seqs are dense");
        _next++;
        _received.Add(command);
        _checks[command.Seq] = check;
        // Held commands are counted when Welcome is made: so are these.
        if (connection.Welcome is null)
        {
            _received.Count.ShouldBeLessThanOrEqualTo((int)_limits.CommandsInFlight);
            _received.Sum(c => c.Payload.Length).ShouldBeLessThanOrEqualTo((int)_limits.CommandBytesInFlight);
        }
        return HoliCode.None;
    }

    private void Commit(ArrayBufferWriter<byte> output, int most)
    {
        var count = Math.Min(most, _received.Count);
        if (count == 0)
            return;
        var refusals = new List<Refusal>();
        foreach (var command in _received.Take(count))
        {
            _committed = command.Seq;
            _digest = _digest.Roll(_checks[command.Seq]);
            var code = Apply(command);
            if (code != HoliCode.None)
                refusals.Add(new Refusal(command.Seq, code));
        }
        _received.RemoveRange(0, count);
        CommitFrame.Write(output, _committed, [.. refusals]);
    }

    private HoliCode Apply(SentFrames.SentCommand command)
    {
        // The first identity is generation, seq and content: a restored or copied device may have given the same seq to something else.
        var (generation, seq) = command.FirstSeq == 0 ? (_generation, command.Seq) : (command.FirstGeneration, command.FirstSeq);
        var first = (generation, seq, CommandCheck.Compute(seq, 0, 0, command.Type, Encoding.UTF8.GetBytes(Ward), new(command.Payload)));
        if (_first.TryGetValue(first, out var code))
            return code;
        if (command.Type == MessageTypes.MessagePost)
        {
            MessagePost.TryRead(new(command.Payload), out var post).ShouldBeTrue();
            code = post!.Text.EndsWith("no", StringComparison.Ordinal) ? HoliCode.RoleTooLow : HoliCode.None;
            if (code == HoliCode.None)
                Log.Add(command.Payload);
            else
                Refused.Add(post.Text);
        }
        _first.Add(first, code);
        return code;
    }

    private object? Forget()
    {
        _received.Clear();
        return null;
    }
}
