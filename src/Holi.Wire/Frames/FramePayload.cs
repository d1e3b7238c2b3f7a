using System.Buffers;
using MessagePack;

namespace Holi.Wire.Frames;

/// <summary>
/// The payload of the frames that are MessagePack themselves (Hello, Welcome, Token, Topic, Roster), read field by field with the
/// same sticky rule as <see cref="FieldReader"/>. Whatever is wrong inside, the code is 4406 (holi.v1.md §3.1).
/// </summary>
internal ref struct FramePayload
{
    private readonly string _section;
    private MessagePackReader _reader;
    private int _left;
    private Violation _violation;

    public FramePayload(in ReadOnlySequence<byte> payload, string section)
    {
        _section = section;
        _reader = new(payload);
        if (!IsSound(payload))
            _violation = new(HoliCode.BadPayload, "3.1");
        else if (!payload.IsEmpty)
            _left = _reader.ReadArrayHeader();
    }

    /// <summary>The next field must be an integer between the bounds.</summary>
    public long Int(long min, long max) => TryNext() ? TakeInt(min, max) : FailWith(0L);

    /// <summary>As <see cref="Int"/>; an absent field is <paramref name="absent"/>.</summary>
    public long IntOr(long absent, long min, long max) => TryNext() ? TakeInt(min, max) : absent;

    public uint Number() => (uint)Int(0, uint.MaxValue);

    public ulong Count() => (ulong)Int(0, long.MaxValue);

    public long TimeMs() => Int(0, long.MaxValue);

    public string Text(int bytesMax) => TryNext() ? TakeText(bytesMax) : FailWith("");

    public string? TextOrNil(int bytesMax) => TryNext() ? TakeText(bytesMax) : null;

    public byte[] Binary(int length)
    {
        var found = TryNext() && _reader.NextMessagePackType == MessagePackType.Binary ? _reader.ReadBytes() : null;
        return found is { } bytes && bytes.Length == length ? bytes.ToArray() : FailWith(Array.Empty<byte>());
    }

    public bool FlagOr(bool absent)
    {
        if (!TryNext())
            return absent;
        return _reader.NextMessagePackType == MessagePackType.Boolean ? _reader.ReadBoolean() : FailWith(false);
    }

    /// <summary>Goes into an array field, whose items are then the fields. An absent one has no items.</summary>
    /// <returns>The fields left outside, for <see cref="Leave"/>.</returns>
    public int Enter()
    {
        var present = TryNext();
        var outside = _left;
        _left = 0;
        if (present && _reader.NextMessagePackType == MessagePackType.Array)
            _left = _reader.ReadArrayHeader();
        else if (present)
            Fail();
        return outside;
    }

    /// <summary>Items left of the array that <see cref="Enter"/> went into: never more than the bytes that came.</summary>
    public readonly int Left => _left;

    /// <summary>Skips the items that this version does not know and comes back out.</summary>
    public void Leave(int outside)
    {
        for (; _left > 0; _left--)
            _reader.Skip();
        _left = _violation.IsNone ? outside : 0;
    }

    public void Fail()
    {
        if (_violation.IsNone)
            _violation = new(HoliCode.BadPayload, _section);
        _left = 0;
    }

    public readonly bool End(out Violation violation)
    {
        violation = _violation;
        return violation.IsNone;
    }

    private bool TryNext()
    {
        if (_left == 0)
            return false;
        _left--;
        return !_reader.TryReadNil();
    }

    private long TakeInt(long min, long max)
    {
        if (_reader.NextMessagePackType != MessagePackType.Integer)
            return FailWith(0L);
        long value;
        if (_reader.NextCode != MessagePackCode.UInt64)
            value = _reader.ReadInt64();
        else if (_reader.ReadUInt64() is var large && large <= long.MaxValue)
            value = (long)large;
        else
            return FailWith(0L);
        return value >= min && value <= max ? value : FailWith(0L);
    }

    private string TakeText(int bytesMax)
    {
        var found = _reader.NextMessagePackType == MessagePackType.String ? _reader.ReadStringSequence() : null;
        return found is { } text && text.Length <= bytesMax ? Utf8Text.ToText(text) : FailWith("");
    }

    private T FailWith<T>(T value)
    {
        Fail();
        return value;
    }

    // After this walk the reads above cannot meet malformed bytes. The exceptions' text is dropped: it may quote the peer.
    private static bool IsSound(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsEmpty)
            return true;
        try
        {
            var reader = new MessagePackReader(payload);
            return reader.NextMessagePackType == MessagePackType.Array && IsSound(ref reader, 1) && reader.End;
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            return false;
        }
    }

    private static bool IsSound(ref MessagePackReader reader, int depth)
    {
        var items = 0L;
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Integer or MessagePackType.Nil or MessagePackType.Boolean or MessagePackType.Float:
                reader.Skip();
                return true;
            case MessagePackType.String:
                return reader.ReadStringSequence() is { } text && Utf8Text.IsValid(text);
            case MessagePackType.Binary:
                return reader.ReadBytes() is not null;
            // Both headers throw where the count is more than the bytes that remain.
            case MessagePackType.Array:
                items = reader.ReadArrayHeader();
                break;
            case MessagePackType.Map:
                items = 2L * reader.ReadMapHeader();
                break;
            default:
                return false;
        }
        if (depth > WireLimits.PayloadDepthMax)
            return false;
        for (; items > 0; items--)
        {
            if (!IsSound(ref reader, depth + 1))
                return false;
        }
        return true;
    }
}
