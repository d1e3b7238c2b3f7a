using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using MessagePack;

namespace Holi.Wire.Payloads;

/// <summary>
/// Reads a payload field by field (holi.v1.md §3.1). The constructor checks the whole payload first, so reading allocates nothing that the
/// rules do not allow. It never throws: the first field that is not as asked makes <see cref="IsValid"/> false for good, and each later
/// call answers with nothing. Read all fields, then look once. Fields past those asked for are ignored.
/// </summary>
/// <remarks>
/// Slices it gives are valid as long as the payload's buffer. Pass it by <c>ref</c>: a copy would read the same fields again.
/// </remarks>
public ref struct PayloadReader
{
    private MessagePackReader _reader;
    private Levels _left;
    private int _level;

    /// <summary>Checks <paramref name="payload"/> and stands before its first field.</summary>
    public PayloadReader(scoped in ReadOnlySequence<byte> payload)
    {
        IsValid = PayloadRules.Check(payload);
        if (!IsValid || payload.IsEmpty)
            return;
        _reader = new MessagePackReader(payload);
        _left[0] = _reader.ReadArrayHeader();
    }

    /// <summary>False once anything broke a rule or was not as asked.</summary>
    public bool IsValid { get; private set; }

    /// <summary>What stands next.</summary>
    public readonly PayloadKind Next => !IsValid || _left[_level] == 0 ? PayloadKind.End : _reader.NextMessagePackType switch
    {
        MessagePackType.Nil => PayloadKind.Nil,
        MessagePackType.Boolean => PayloadKind.Boolean,
        MessagePackType.Integer => PayloadKind.Whole,
        MessagePackType.Float => PayloadKind.Real,
        MessagePackType.String => PayloadKind.Text,
        MessagePackType.Binary => PayloadKind.Binary,
        MessagePackType.Array => PayloadKind.Array,
        MessagePackType.Map => PayloadKind.Map,
        _ => PayloadKind.End,
    };

    /// <summary>Gives <paramref name="read"/> if every field was as asked. The last call of a TryRead.</summary>
    public readonly bool Finish<T>(T read, [MaybeNullWhen(false)] out T value)
    {
        value = IsValid ? read : default;
        return IsValid;
    }

    /// <summary>Says that what was read breaks a rule the reader does not know.</summary>
    public void Refuse() => IsValid = false;

    /// <summary>Refuses the payload unless <paramref name="condition"/> holds.</summary>
    public void Require(bool condition) => IsValid &= condition;

    /// <summary>An integer from <paramref name="min"/> to <paramref name="max"/>; must be there.</summary>
    public long Whole(long min, long max) => Present(OptionalWhole(min, max));

    /// <summary>An integer from <paramref name="min"/> to <paramref name="max"/>, or null where absent.</summary>
    public long? OptionalWhole(long min, long max)
    {
        if (!TryTake(PayloadKind.Whole))
            return null;
        // The package throws on what does not fit into a long: 2⁶³ and more.
        long value;
        if (_reader.NextCode == MessagePackCode.UInt64)
        {
            var wide = _reader.ReadUInt64();
            Require(wide <= long.MaxValue);
            value = (long)wide;
        }
        else
        {
            value = _reader.ReadInt64();
        }
        Require(value >= min && value <= max);
        return IsValid ? value : null;
    }

    /// <summary>A seq, offset or the like: from <paramref name="min"/> to 2⁶³ − 1; must be there.</summary>
    public ulong Number(ulong min = 0) => (ulong)Whole((long)min, long.MaxValue);

    /// <summary>As <see cref="Number"/>, or null where absent.</summary>
    public ulong? OptionalNumber(ulong min = 0) => (ulong?)OptionalWhole((long)min, long.MaxValue);

    /// <summary>A number of a topic, member or generation: from <paramref name="min"/> to 2³² − 1; must be there.</summary>
    public uint Number32(uint min = 0) => (uint)Whole(min, uint.MaxValue);

    /// <summary>A time in milliseconds since 1970; must be there.</summary>
    public long Time() => Whole(0, PayloadLimits.TimeMsMax);

    /// <summary>A time in milliseconds since 1970, or null where absent.</summary>
    public long? OptionalTime() => OptionalWhole(0, PayloadLimits.TimeMsMax);

    /// <summary>A boolean; must be there.</summary>
    public bool Boolean()
    {
        var there = TryTake(PayloadKind.Boolean);
        Require(there);
        return there && _reader.ReadBoolean();
    }

    /// <summary>A float; must be there.</summary>
    public double Real()
    {
        var there = TryTake(PayloadKind.Real);
        Require(there);
        return there ? _reader.ReadDouble() : 0;
    }

    /// <summary>Text of <paramref name="bytesMin"/> to <paramref name="bytesMax"/> bytes; must be there. Empty after a failure.</summary>
    public string Text(int bytesMax, int bytesMin = 0) => Decode(TextBytes(bytesMax, bytesMin));

    /// <summary>Text of <paramref name="bytesMin"/> to <paramref name="bytesMax"/> bytes, or null where absent.</summary>
    public string? OptionalText(int bytesMax, int bytesMin = 0) =>
        OptionalTextBytes(bytesMax, bytesMin) is { } text ? Decode(text) : null;

    /// <summary>As <see cref="Text"/>, but the bytes where they lie: allocates nothing.</summary>
    public ReadOnlySequence<byte> TextBytes(int bytesMax, int bytesMin = 0) => Present(OptionalTextBytes(bytesMax, bytesMin));

    /// <summary>As <see cref="OptionalText"/>, but the bytes where they lie: allocates nothing.</summary>
    public ReadOnlySequence<byte>? OptionalTextBytes(int bytesMax, int bytesMin = 0) =>
        TryTake(PayloadKind.Text) ? Sized(_reader.ReadStringSequence(), bytesMax, bytesMin) : null;

    /// <summary>Bytes, at least <paramref name="bytesMin"/> and at most <paramref name="bytesMax"/> of them; must be there.</summary>
    public ReadOnlySequence<byte> Binary(int bytesMax, int bytesMin = 0) =>
        Present(TryTake(PayloadKind.Binary) ? Sized(_reader.ReadBytes(), bytesMax, bytesMin) : null);

    /// <summary>
    /// Enters an array of at most <paramref name="countMax"/> values, which must be there; <see cref="End"/> leaves it.
    /// </summary>
    public int BeginArray(int countMax = int.MaxValue) => Present(OptionalArray(countMax));

    /// <summary>
    /// Enters an array of at most <paramref name="countMax"/> values, or null where absent (then without <see cref="End"/>).
    /// </summary>
    public int? OptionalArray(int countMax = int.MaxValue) =>
        TryTake(PayloadKind.Array) ? Enter(_reader.ReadArrayHeader(), countMax, valuesEach: 1) : null;

    /// <summary>
    /// Enters a map of at most <paramref name="countMax"/> pairs, which must be there; keys and values are then read in turn.
    /// </summary>
    public int BeginMap(int countMax = PayloadLimits.MapKeysMax) =>
        Present(TryTake(PayloadKind.Map) ? Enter(_reader.ReadMapHeader(), countMax, valuesEach: 2) : (int?)null);

    /// <summary>Leaves the array or map, past what was not read of it.</summary>
    public void End()
    {
        if (!IsValid)
            return;
        for (; _left[_level] > 0; _left[_level]--)
            _reader.Skip();
        _level--;
    }

    /// <summary>The next value as its bytes, whatever it is; must be there, nil included.</summary>
    public ReadOnlySequence<byte> Raw()
    {
        Require(Next != PayloadKind.End);
        if (!IsValid)
            return default;
        _left[_level]--;
        var start = _reader.Position;
        _reader.Skip();
        return _reader.Sequence.Slice(start, _reader.Position);
    }

    // Counts the field and stands before its value. False where it is absent, or of another kind, which breaks the rules.
    private bool TryTake(PayloadKind kind)
    {
        var next = Next;
        if (next == PayloadKind.End)
            return false;
        _left[_level]--;
        if (next == PayloadKind.Nil)
        {
            _reader.ReadNil();
            return false;
        }
        Require(next == kind);
        return IsValid;
    }

    private T Present<T>(T? value)
        where T : struct
    {
        Require(value is not null);
        return value.GetValueOrDefault();
    }

    private ReadOnlySequence<byte>? Sized(in ReadOnlySequence<byte>? bytes, int bytesMax, int bytesMin)
    {
        Require(bytes is { } sized && sized.Length >= bytesMin && sized.Length <= bytesMax);
        return IsValid ? bytes : null;
    }

    private int? Enter(int count, int countMax, int valuesEach)
    {
        Require(count <= countMax);
        if (!IsValid)
            return null;
        _left[++_level] = count * valuesEach;
        return count;
    }

    private static string Decode(in ReadOnlySequence<byte> text) => Encoding.UTF8.GetString(text);

    // How many values are left in each array and map that is open: the payload itself and those in it.
    [InlineArray(WireLimits.PayloadDepthMax)]
    private struct Levels
    {
        private int _first;
    }
}
