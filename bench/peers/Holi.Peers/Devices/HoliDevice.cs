using System.Buffers;
using Holi.Peers.Lines;
using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Peers.Devices;

/// <summary>
/// holi.v1 without a store behind it: numbers and digests its commands, keeps within the gateway's window, acknowledges what it hears when the SDK would:
/// together, 300 ms behind the first. Its first connection makes the room (member 0) or waits until it is in it; later ones bring cursors.
/// </summary>
internal sealed class HoliDevice : Device
{
    private const long BulkCreditBytes = 4 << 20;

    private readonly string _device = Guid.NewGuid().ToString("N");
    private readonly string _topic;
    private readonly HoliCommands _commands;
    private readonly Dictionary<uint, TopicFrame> _topics = [];
    private readonly Dictionary<string, TopicCursor> _cursors = [];
    private readonly HoliAcks _acks;
    private readonly HashSet<uint> _live = [];
    private readonly ArrayBufferWriter<byte> _answers = new(64);
    private ulong _opening;
    private uint _generation;
    private long _bulkUsed, _timeBase;
    private int _topicsLeft;
    private bool _isWelcome, _wasIn;

    public HoliDevice(Seat seat)
        : base(seat)
    {
        _topic = TopicName.Conversation(seat.Room);
        _commands = new HoliCommands(_topic, frame => Gather(frame));
        _acks = new HoliAcks(frame => AnswerLate(frame.Span));
    }

    protected override WebSocketAddress Address => new("/v1/ws", "holi.v1");

    protected override Task BeforeOpeningAsync(CancellationToken cancel)
    {
        _acks.Close();
        return Task.CompletedTask;
    }

    protected override void OnOpened()
    {
        foreach (var held in _topics.Values)
            _live.Remove(held.Number);
        _topics.Clear();
        (_isWelcome, _bulkUsed) = (false, 0);
        var (known, assigned, digest) = _commands.BeforeHello();
        var hello = new HelloFrame
        {
            Token = Seat.Token,
            Device = _device,
            Generation = _generation,
            LastAssigned = assigned,
            Known = known,
            Digest = digest,
            Cursors = [.. _cursors.Values],
            BulkCredit = BulkCreditBytes,
            Client = "Holi.Peers",
            Opening = ++_opening,
        };
        var frame = new ArrayBufferWriter<byte>(1_024);
        hello.Write(frame);
        Say(frame.WrittenSpan);
        Flush();
    }

    protected override int Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new FrameReader(new ReadOnlySequence<byte>(bytes));
        Violation violation;
        while (reader.TryRead(out var frame, out violation))
            Read(frame);
        if (!violation.IsNone)
            throw new IOException($"The gateway broke {violation.Section}: {violation.Code}.");
        SayAnswers();
        return bytes.Length;
    }

    protected override void Encode(ReadOnlySpan<byte> text) => _commands.Add(MessageTypes.MessagePost, HoliText.Payload(text));

    // What the commands kept they have said again already, under the same numbers.
    protected override void EncodeAgain(ReadOnlySpan<byte> text)
    {
    }

    private void Read(in Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Welcome when WelcomeFrame.TryRead(frame.Body, out var welcome, out _):
                Take(welcome);
                break;
            case FrameKind.Topic when TopicFrame.TryRead(frame.Body, out var topic, out _):
                _topics[topic.Number] = topic;
                _cursors[topic.Name] = new TopicCursor(topic.Name, topic.Epoch, topic.Start);
                if (topic.Name == _topic)
                    _commands.Target(topic.Number);
                _topicsLeft--;
                ReadyWhenIn();
                break;
            case FrameKind.Event when EventFrame.TryRead(frame.Body, _timeBase, out var happened, out _):
                Heard(happened.Topic, happened.Offset, frame);
                if (happened.Type == MessageTypes.MessagePost && (Seat.HearsItself || happened.Member != _topics[happened.Topic].Member))
                    OnHeard(HoliText.Of(happened.Payload));
                break;
            case FrameKind.Skip when SkipFrame.TryRead(frame.Body, out var skip, out _):
                Heard(skip.Topic, skip.Through, frame);
                break;
            case FrameKind.Complete when CompleteFrame.TryRead(frame.Body, out var complete, out _):
                CountBulk(complete.Topic, frame);
                _live.Add(complete.Topic);
                break;
            case FrameKind.Commit when CommitFrame.TryRead(frame.Body, out var commit, out _):
                if (!commit.Pairs.IsEmpty)
                    throw new IOException("The gateway refused a command.");
                Committed(commit.Committed);
                break;
            case FrameKind.Ping when PingFrame.TryRead(frame.Body, out var ping, out _):
                new PongFrame(ping.Nonce, 0).Write(_answers);
                break;
            case FrameKind.GoAway or FrameKind.Error:
                throw new IOException($"The gateway sent {frame.Kind}.");
            default:
                break;
        }
    }

    private void Take(WelcomeFrame welcome)
    {
        (_timeBase, _generation, _topicsLeft, _isWelcome) = (welcome.TimeBaseMs, welcome.Generation, welcome.Topics, true);
        _acks.Open();
        OnAcknowledged(_commands.Welcome(welcome.Committed, (int)welcome.Limits.CommandsInFlight, (int)welcome.Limits.CommandBytesInFlight));
        if (!_wasIn && Seat.Member == 0 && welcome.Committed == 0)
        {
            var others = Enumerable.Range(1, Seat.Members - 1).Select(n => new NewMember($"{Seat.Room}-{n}", MemberRole.Member));
            _commands.Add(MessageTypes.ConversationCreate, new ConversationCreate(null, [.. others]).ToBytes());
        }
        Flush();
        ReadyWhenIn();
    }

    // The first time: the room has been announced. Later: everything that Welcome counted has been.
    private void ReadyWhenIn()
    {
        if (!_isWelcome || _topicsLeft > 0 || !_cursors.ContainsKey(_topic))
            return;
        _wasIn = true;
        OnReady();
    }

    private void Committed(ulong through)
    {
        OnAcknowledged(_commands.Commit(through));
        Flush();
    }

    private void Heard(uint topic, ulong offset, in Frame frame)
    {
        CountBulk(topic, frame);
        _acks.Heard(topic, offset);
        var name = _topics[topic].Name;
        _cursors[name] = _cursors[name] with { Offset = offset };
    }

    // A topic's frames are paid with bulk credit up to and including its first Complete (§5.3).
    private void CountBulk(uint topic, in Frame frame)
    {
        if (!_live.Contains(topic))
            _bulkUsed += frame.WireBytes;
    }

    private void SayAnswers()
    {
        // At once, as the SDK does when it has stored: from that the gateway learns what the link carries (holi.v1.md §5.4).
        if (_bulkUsed > 0)
        {
            new CreditFrame(Lane.Bulk, (ulong)_bulkUsed).Write(_answers);
            _bulkUsed = 0;
        }
        if (_answers.WrittenCount == 0)
            return;
        Gather(_answers.WrittenSpan);
        _answers.ResetWrittenCount();
        Flush();
    }
}
