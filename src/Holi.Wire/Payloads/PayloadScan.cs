using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>
/// One walk over MessagePack values, checking the rules of holi.v1.md §3.1 and keeping nothing. It goes as deep as
/// <see cref="WireLimits.PayloadDepthMax"/>, each value costs at least one byte, and a count is believed only if that many bytes remain.
/// </summary>
internal ref struct PayloadScan(in ReadOnlySequence<byte> payload, MapKeys keys)
{
    private SequenceReader<byte> _reader = new(payload);
    private MapKeys _keys = keys;

    public readonly bool IsAtEnd => _reader.End;

    public readonly bool IsAtArray => _reader.TryPeek(out var code) && code is (>= 0x90 and <= 0x9F) or 0xDC or 0xDD;

    public void Dispose() => _keys.Dispose();

    /// <summary>Walks one value. <paramref name="depth"/>: how many arrays and maps it stands in.</summary>
    public bool TryValue(int depth)
    {
        if (!_reader.TryRead(out var code))
            return false;
        return code switch
        {
            <= 0x7F or >= 0xE0 => true,                              // small integers
            <= 0x8F => TryMap((uint)code & 0x0F, depth),
            <= 0x9F => TryArray((uint)code & 0x0F, depth),
            <= 0xBF => TryText((uint)code & 0x1F, out _),
            0xC0 or 0xC2 or 0xC3 => true,                            // nil, false, true
            0xC4 => TryLength(1, out var length) && TrySkip(length), // binary
            0xC5 => TryLength(2, out var length) && TrySkip(length),
            0xC6 => TryLength(4, out var length) && TrySkip(length),
            0xCC or 0xD0 => TrySkip(1),                              // integers and floats
            0xCD or 0xD1 => TrySkip(2),
            0xCA or 0xCE or 0xD2 => TrySkip(4),
            0xCB or 0xCF or 0xD3 => TrySkip(8),
            0xD9 => TryLength(1, out var length) && TryText(length, out _),
            0xDA => TryLength(2, out var length) && TryText(length, out _),
            0xDB => TryLength(4, out var length) && TryText(length, out _),
            0xDC => TryLength(2, out var count) && TryArray(count, depth),
            0xDD => TryLength(4, out var count) && TryArray(count, depth),
            0xDE => TryLength(2, out var count) && TryMap(count, depth),
            0xDF => TryLength(4, out var count) && TryMap(count, depth),
            _ => false,                                              // extensions, and 0xC1 which means nothing
        };
    }

    private bool TryArray(uint count, int depth)
    {
        if (depth == WireLimits.PayloadDepthMax || count > _reader.Remaining)
            return false;
        for (; count > 0; count--)
        {
            if (!TryValue(depth + 1))
                return false;
        }
        return true;
    }

    private bool TryMap(uint count, int depth)
    {
        if (depth == WireLimits.PayloadDepthMax || count > PayloadLimits.MapKeysMax || 2L * count > _reader.Remaining)
            return false;
        var map = _keys.Open();
        for (; count > 0; count--)
        {
            if (!TryKey(out var fingerprint) || !_keys.TryAdd(map, fingerprint) || !TryValue(depth + 1))
                return false;
        }
        _keys.Close(map);
        return true;
    }

    private bool TryKey(out ulong fingerprint)
    {
        fingerprint = 0;
        if (!_reader.TryRead(out var code))
            return false;
        return code switch
        {
            <= 0x7F => Number(code, negative: false, out fingerprint),
            >= 0xE0 => Number((ulong)(sbyte)code, negative: true, out fingerprint),
            >= 0xA0 and <= 0xBF => TryTextKey((uint)code & 0x1F, out fingerprint),
            0xD9 => TryLength(1, out var length) && TryTextKey(length, out fingerprint),
            0xDA => TryLength(2, out var length) && TryTextKey(length, out fingerprint),
            0xDB => TryLength(4, out var length) && TryTextKey(length, out fingerprint),
            0xCC or 0xCD or 0xCE or 0xCF => TryBigEndian(1 << (code - 0xCC), out var bits) && Number(bits, false, out fingerprint),
            0xD0 or 0xD1 or 0xD2 or 0xD3 => TrySignedKey(1 << (code - 0xD0), out fingerprint),
            _ => false,
        };
    }

    private bool TrySignedKey(int bytes, out ulong fingerprint)
    {
        fingerprint = 0;
        if (!TryBigEndian(bytes, out var bits))
            return false;
        var unused = 64 - (8 * bytes);
        var value = (long)(bits << unused) >> unused;
        return Number((ulong)value, value < 0, out fingerprint);
    }

    private static bool Number(ulong bits, bool negative, out ulong fingerprint)
    {
        fingerprint = MapKeys.OfNumber(bits, negative);
        return true;
    }

    private bool TryTextKey(uint length, out ulong fingerprint)
    {
        var valid = TryText(length, out var text);
        fingerprint = valid ? MapKeys.OfText(text) : 0;
        return valid;
    }

    private bool TryText(uint length, out ReadOnlySequence<byte> text)
    {
        text = default;
        if (length > _reader.Remaining)
            return false;
        text = _reader.UnreadSequence.Slice(0, length);
        _reader.Advance(length);
        return Utf8Text.IsValid(text);
    }

    private bool TrySkip(uint length)
    {
        if (length > _reader.Remaining)
            return false;
        _reader.Advance(length);
        return true;
    }

    private bool TryLength(int bytes, out uint length)
    {
        var read = TryBigEndian(bytes, out var value);
        length = (uint)value;
        return read;
    }

    private bool TryBigEndian(int bytes, out ulong value)
    {
        value = 0;
        for (; bytes > 0; bytes--)
        {
            if (!_reader.TryRead(out var next))
                return false;
            value = (value << 8) | next;
        }
        return true;
    }
}
