using System.Text;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// The digests (holi.v1.md §6.3) of the commands between what is known as committed and what was rolled: one for each command in
/// flight, 16 bytes, so that the one at any seq a Commit may name is at hand. A ring, bounded by the gateway's window.
/// </summary>
internal sealed class DigestLedger
{
    private readonly record struct Entry(CommandDigest Digest, int PayloadBytes);

    private Entry[] _ring = [];
    private int _head;
    private int _count;
    private CommandDigest _baseDigest;

    /// <summary>Everything through this seq is behind us.</summary>
    public ulong Base { get; private set; }

    /// <summary>The digest at <see cref="Base"/>.</summary>
    public CommandDigest BaseDigest => _baseDigest;

    /// <summary>The last seq rolled.</summary>
    public ulong Through => Base + (ulong)_count;

    /// <summary>Begins anew behind a seq.</summary>
    public void Reset(ulong seq, CommandDigest digest)
    {
        (Base, _baseDigest, _head, _count) = (seq, digest, 0, 0);
        _ring = [];
    }

    /// <summary>Rolls the next command; its seq is <see cref="Through"/> + 1.</summary>
    public void Roll(OutboxCommand command)
    {
        Span<byte> name = stackalloc byte[WireLimits.TopicNameBytesMax];
        var length = Encoding.UTF8.GetBytes(command.Topic, name);
        var check = CommandCheck.Compute(
            command.Seq, command.FirstGeneration, command.FirstSeq, command.Type, name[..length], new(command.Payload));
        var last = _count == 0 ? _baseDigest : _ring[(_head + _count - 1) % _ring.Length].Digest;
        if (_count == _ring.Length)
            Grow();
        _ring[(_head + _count++) % _ring.Length] = new Entry(last.Roll(check), command.Payload.Length);
    }

    /// <summary>The digest at a seq from <see cref="Base"/> to <see cref="Through"/>; null elsewhere.</summary>
    public CommandDigest? At(ulong seq)
    {
        if (seq < Base || seq > Through)
            return null;
        return seq == Base ? _baseDigest : _ring[(_head + (int)(seq - Base) - 1) % _ring.Length].Digest;
    }

    /// <summary>Moves the base up to <paramref name="seq"/>, at most to <see cref="Through"/>; returns how many commands and payload bytes that were.</summary>
    public (long Count, long Bytes) Advance(ulong seq)
    {
        var (count, bytes) = (0L, 0L);
        while (Base < seq && _count > 0)
        {
            var entry = _ring[_head];
            _head = (_head + 1) % _ring.Length;
            (_baseDigest, Base, _count) = (entry.Digest, Base + 1, _count - 1);
            (count, bytes) = (count + 1, bytes + entry.PayloadBytes);
        }
        return (count, bytes);
    }

    /// <summary>Forgets what was rolled beyond the base: it is rolled again when it is sent again.</summary>
    public void Rewind() => (_head, _count) = (0, 0);

    private void Grow()
    {
        var grown = new Entry[Math.Max(16, _ring.Length * 2)];
        for (var i = 0; i < _count; i++)
            grown[i] = _ring[(_head + i) % _ring.Length];
        (_ring, _head) = (grown, 0);
    }
}
