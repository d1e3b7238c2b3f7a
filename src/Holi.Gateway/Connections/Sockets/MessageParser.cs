using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>What <see cref="MessageParser"/> found.</summary>
internal enum ParserStep : byte
{
    /// <summary>More bytes must come; nothing was consumed.</summary>
    NeedMore,
    /// <summary>Some bytes of a data message, or its end.</summary>
    Data,
    /// <summary>A whole ping, pong or close.</summary>
    Control,
    /// <summary>The peer broke RFC 6455: the connection ends with 1002.</summary>
    Bad,
    /// <summary>What must be UTF-8 is not (§8.1): the connection ends with 1007.</summary>
    BadText,
}

/// <summary>
/// Takes RFC 6455 frames of a client apart (§5), without I/O. Pure; the rules: every frame masked, no reserved bit, lengths in their shortest
/// form, control frames whole and at most 125 bytes, a continuation only inside a message and nothing else inside one, a close's status one
/// that may travel and its reason UTF-8.
/// </summary>
internal struct MessageParser
{
    public const int Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;
    public const int ControlBytesMax = 125;

    private readonly record struct Header(int Opcode, bool IsFinal, ulong Length, uint Mask);

    private ulong _left;
    private uint _mask;
    private bool _isFrameOpen;
    private bool _isFrameFinal;

    /// <summary>The opcode of the message at hand; 0 between messages.</summary>
    public int Message { get; private set; }

    /// <summary>With <see cref="ParserStep.Control"/>: which frame, and its unmasked payload.</summary>
    public (int Opcode, byte[] Payload) Control { get; private set; }

    /// <summary>With <see cref="ParserStep.Data"/>: whose message this was a part of, how much was put into the buffer, and whether it ends here.</summary>
    public (int Opcode, int Count, bool IsEnd) Data { get; private set; }

    /// <summary>One step. Data goes unmasked into <paramref name="buffer"/>; with an empty one, only the frame's header is taken.</summary>
    public ParserStep Step(in ReadOnlySequence<byte> bytes, Span<byte> buffer, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(bytes);
        consumed = bytes.Start;
        if (!_isFrameOpen)
        {
            var step = TryReadHeader(ref reader, out var header);
            if (step == ParserStep.Control)
                return TakeControl(ref reader, header, ref consumed);
            if (step != ParserStep.Data)
                return step;
            Open(header);
            consumed = reader.Position;
        }
        else if (reader.End)
        {
            return ParserStep.NeedMore;
        }
        var count = (int)Math.Min(_left, (ulong)Math.Min(buffer.Length, reader.Remaining));
        reader.TryCopyTo(buffer[..count]);
        reader.Advance(count);
        consumed = reader.Position;
        Unmask(buffer[..count], ref _mask);
        TakeData(count);
        return ParserStep.Data;
    }

    /// <summary>XORs with the mask, and turns the mask so that it fits what comes next.</summary>
    public static void Unmask(Span<byte> bytes, ref uint mask)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var twice = mask | ((ulong)mask << 32);
        foreach (ref var word in words)
            word ^= BitConverter.IsLittleEndian ? twice : BinaryPrimitives.ReverseEndianness(twice);
        var rest = bytes[(words.Length * sizeof(ulong))..];
        for (var i = 0; i < rest.Length; i++)
            rest[i] ^= (byte)(mask >> (8 * (i & 3)));
        mask = System.Numerics.BitOperations.RotateRight(mask, 8 * (rest.Length & 3));
    }

    private void Open(in Header header)
    {
        (_left, _mask, _isFrameFinal, _isFrameOpen) = (header.Length, header.Mask, header.IsFinal, true);
        if (header.Opcode != Continuation)
            Message = header.Opcode;
    }

    private void TakeData(int count)
    {
        _left -= (ulong)count;
        _isFrameOpen = _left > 0;
        var isEnd = !_isFrameOpen && _isFrameFinal;
        Data = (Message, count, isEnd);
        if (isEnd)
            Message = 0;
    }

    private ParserStep TakeControl(ref SequenceReader<byte> reader, in Header header, ref SequencePosition consumed)
    {
        if (reader.Remaining < (long)header.Length)
            return ParserStep.NeedMore;
        var payload = new byte[header.Length];
        reader.TryCopyTo(payload);
        reader.Advance(payload.Length);
        var mask = header.Mask;
        Unmask(payload, ref mask);
        Control = (header.Opcode, payload);
        consumed = reader.Position;
        return header.Opcode == Close ? JudgeClose(payload) : ParserStep.Control;
    }

    // A close's payload is empty, or a status and then a reason (§5.5.1).
    private static ParserStep JudgeClose(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return ParserStep.Control;
        if (payload.Length == 1 || !MayTravel(BinaryPrimitives.ReadUInt16BigEndian(payload)))
            return ParserStep.Bad;
        return Utf8.IsValid(payload[2..]) ? ParserStep.Control : ParserStep.BadText;
    }

    // §7.4, and IANA's registry, which has given out 1012 to 1014 since. 1004 means nothing yet; 1005, 1006 and 1015 are said by one's own side only.
    private static bool MayTravel(int status) => status is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);

    private readonly ParserStep TryReadHeader(ref SequenceReader<byte> reader, out Header header)
    {
        header = default;
        if (!reader.TryRead(out var first) || !reader.TryRead(out var second))
            return ParserStep.NeedMore;
        var (opcode, isFinal) = (first & 0x0F, (first & 0x80) != 0);
        var isControl = opcode >= Close;
        if ((first & 0x70) != 0 || (second & 0x80) == 0 || !IsAllowed(opcode))
            return ParserStep.Bad;
        var length = (ulong)(second & 0x7F);
        if (isControl && (!isFinal || length > ControlBytesMax))
            return ParserStep.Bad;
        var step = TryReadLength(ref reader, ref length);
        if (step != ParserStep.Data)
            return step;
        if (!reader.TryReadLittleEndian(out int mask))
            return ParserStep.NeedMore;
        header = new Header(opcode, isFinal, length, (uint)mask);
        return isControl ? ParserStep.Control : ParserStep.Data;
    }

    private static ParserStep TryReadLength(ref SequenceReader<byte> reader, ref ulong length)
    {
        if (length == 126)
        {
            if (!reader.TryReadBigEndian(out short two))
                return ParserStep.NeedMore;
            length = (ushort)two;
            return length < 126 ? ParserStep.Bad : ParserStep.Data;
        }
        if (length == 127)
        {
            if (!reader.TryReadBigEndian(out long eight))
                return ParserStep.NeedMore;
            length = (ulong)eight;
            return eight is < 0 or <= ushort.MaxValue ? ParserStep.Bad : ParserStep.Data;
        }
        return ParserStep.Data;
    }

    private readonly bool IsAllowed(int opcode) => opcode switch
    {
        Continuation => Message != 0,
        Text or Binary => Message == 0,
        Close or Ping or Pong => true,
        _ => false,
    };
}
