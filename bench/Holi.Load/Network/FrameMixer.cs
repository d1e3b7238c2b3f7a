using System.Buffers.Binary;
using System.Text;

namespace Holi.Load.Network;

/// <summary>
/// One direction of a WebSocket connection (RFC 6455 §5.2) on which whole messages come twice or behind the next one now and then, as they do where something
/// between the two repeats what it has sent. Invariant: what comes out is well-formed for RFC 6455, so it is the protocol above that has to notice. HTTP without
/// an upgrade passes as it is.
/// </summary>
internal sealed class FrameMixer
{
    private const int OneIn = 12;

    private enum State
    {
        Head,
        Plain,
        Frames,
    }

    private readonly List<byte> _waiting = [];
    private readonly List<byte> _out = [];
    private State _state;
    private byte[]? _held;

    /// <summary>What to forward for these bytes; good until the next call.</summary>
    public ReadOnlyMemory<byte> Pass(ReadOnlySpan<byte> bytes)
    {
        if (_state == State.Plain)
            return bytes.ToArray();
        _out.Clear();
        _waiting.AddRange(bytes);
        if (_state == State.Head)
            ReadHead();
        while (_state == State.Frames && TryTakeFrame(out var frame))
            Put(frame);
        return _out.ToArray();
    }

    // A head waits until it is whole; what is behind it are frames where it asked for, or granted, an upgrade.
    private void ReadHead()
    {
        var head = Encoding.Latin1.GetString([.. _waiting]);
        var end = head.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return;
        _state = head.Contains("upgrade: websocket", StringComparison.OrdinalIgnoreCase) ? State.Frames : State.Plain;
        var passes = _state == State.Frames ? end + 4 : _waiting.Count;
        _out.AddRange(_waiting[..passes]);
        _waiting.RemoveRange(0, passes);
    }

    private bool TryTakeFrame(out byte[] frame)
    {
        frame = [];
        if (_waiting.Count < 2)
            return false;
        var (header, length) = (2, (long)(_waiting[1] & 0x7F));
        var extended = length switch { 126 => 2, 127 => 8, _ => 0 };
        if (_waiting.Count < header + extended)
            return false;
        if (extended > 0)
            length = ReadBigEndian(_waiting[header..(header + extended)]);
        header += extended + ((_waiting[1] & 0x80) != 0 ? 4 : 0);
        if (_waiting.Count < header + length)
            return false;
        frame = [.. _waiting[..(int)(header + length)]];
        _waiting.RemoveRange(0, frame.Length);
        return true;
    }

    private void Put(byte[] frame)
    {
        // Control frames, and parts of a message that is in pieces, are where they must be.
        var isWholeMessage = (frame[0] & 0x80) != 0 && (frame[0] & 0x0F) is 1 or 2;
        if (!isWholeMessage)
        {
            _out.AddRange(frame);
            return;
        }
        var chance = Random.Shared.Next(OneIn);
        if (_held is null && chance == 0)
        {
            _held = frame;
            return;
        }
        _out.AddRange(frame);
        if (chance == 1)
            _out.AddRange(frame);
        if (_held is not null)
            _out.AddRange(_held);
        _held = null;
    }

    private static long ReadBigEndian(List<byte> bytes) =>
        bytes.Count == 2 ? BinaryPrimitives.ReadUInt16BigEndian([.. bytes]) : (long)BinaryPrimitives.ReadUInt64BigEndian([.. bytes]);
}
