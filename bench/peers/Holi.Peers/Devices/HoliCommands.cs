using System.Buffers;
using System.Text;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Peers.Devices;

/// <summary>
/// A device's commands in memory: numbered, digested, kept until they are committed, and never more of them on their way than the gateway's window takes
/// (holi.v1.md §6.3, §7). Used by the thread that speaks and the one that listens, so everything is under its lock, saying too: frames leave in order.
/// </summary>
/// <param name="topic">The room's topic.</param>
/// <param name="say">Writes a frame.</param>
internal sealed class HoliCommands(string topic, Action<byte[]> say)
{
    private readonly record struct Kept(ulong Seq, ushort Type, byte[] Payload, CommandCheck Check)
    {
        // Seq, target, type, and a topic's name where it has no number yet: more than they can take.
        public int BodyBytesMax => Payload.Length + (4 * 9) + 128;
    }

    private readonly byte[] _name = Encoding.UTF8.GetBytes(topic);
    private readonly Queue<Kept> _kept = new();
    private readonly Queue<Kept> _waiting = new();
    private readonly Lock _lock = new();
    private DeviceCommands _flow = new(0, 0, 0);
    private CommandDigest _digest;
    private ulong _assigned, _committed;
    private uint _target;
    private bool _isWelcome;

    /// <summary>What Hello says of them; nothing is on its way any more.</summary>
    public (ulong Known, ulong Assigned, CommandDigest Digest) BeforeHello()
    {
        lock (_lock)
        {
            _waiting.Clear();
            foreach (var kept in _kept)
                _waiting.Enqueue(kept);
            (_target, _isWelcome) = (0, false);
            return (_committed, _assigned, _digest);
        }
    }

    /// <summary>Welcome came: from now on commands may go.</summary>
    /// <returns>How many texts turn out to be committed.</returns>
    public long Welcome(ulong committed, int countMax, int bytesMax)
    {
        lock (_lock)
        {
            _flow.Clear();
            // The generation is the caller's business; any will do here.
            _flow = new DeviceCommands(1, _committed, 0);
            if (_flow.OnWelcome(1, committed, _assigned, true, countMax, bytesMax) != WelcomeVerdict.Agree)
                throw new IOException("The gateway says that commands are committed which were never sent, or has lost some.");
            _isWelcome = true;
            return Commit(committed);
        }
    }

    /// <summary>The room's number on this connection.</summary>
    public void Target(uint number)
    {
        lock (_lock)
            _target = number;
    }

    /// <summary>Takes one more command, and says it as soon as it may be said.</summary>
    public void Add(ushort type, byte[] payload)
    {
        lock (_lock)
        {
            var seq = ++_assigned;
            var kept = new Kept(seq, type, payload, CommandCheck.Compute(seq, 0, 0, type, _name, new ReadOnlySequence<byte>(payload)));
            _kept.Enqueue(kept);
            _waiting.Enqueue(kept);
            SayWaiting();
        }
    }

    /// <summary>Everything through this seq is committed.</summary>
    /// <returns>How many texts that makes.</returns>
    public long Commit(ulong through)
    {
        lock (_lock)
        {
            var texts = 0L;
            for (; _kept.Count > 0 && _kept.Peek().Seq <= through; _committed++)
            {
                var done = _kept.Dequeue();
                _digest = _digest.Roll(done.Check);
                texts += done.Type == MessageTypes.MessagePost ? 1 : 0;
            }
            while (_waiting.Count > 0 && _waiting.Peek().Seq <= through)
                _waiting.Dequeue();
            _flow.OnCommit(through);
            SayWaiting();
            return texts;
        }
    }

    private void SayWaiting()
    {
        while (_isWelcome && _waiting.Count > 0 && _flow.CanSend(_waiting.Peek().BodyBytesMax))
        {
            var kept = _waiting.Dequeue();
            _flow.OnSent(kept.BodyBytesMax);
            var output = new ArrayBufferWriter<byte>(kept.BodyBytesMax);
            var name = _target == 0 ? new ReadOnlySequence<byte>(_name) : default;
            new CommandFrame(kept.Seq, 0, 0, _target, name, kept.Type, new ReadOnlySequence<byte>(kept.Payload)).Write(output);
            say(output.WrittenSpan.ToArray());
        }
    }
}
