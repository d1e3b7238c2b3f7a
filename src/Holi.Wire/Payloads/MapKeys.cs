using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>
/// Finds repeated keys in the maps of one payload (holi.v1.md §3.1) without allocating. It keeps a 64-bit fingerprint of each key
/// of the maps that are open; a map inside another lies on top of it and is dropped at its end, so the keys of one map
/// are always adjacent. Equal keys have equal fingerprints, so no repetition is missed. That two different keys of one map agree by chance
/// has odds of 1 in 2⁴⁴ for the largest map; whoever brings it about on purpose has only his own payload refused.
/// </summary>
/// <remarks>
/// Work is bounded: a map of n keys costs n²/2 comparisons, done several at a time, with n ≤ <see cref="PayloadLimits.MapKeysMax"/>.
/// </remarks>
internal ref struct MapKeys(Span<ulong> room)
{
    private Span<ulong> _fingerprints = room;
    private ulong[]? _rented;
    private int _count;

    /// <summary>Begins a map; the answer goes to the other calls about it.</summary>
    public readonly int Open() => _count;

    /// <summary>Ends the map and forgets its keys.</summary>
    public void Close(int map) => _count = map;

    /// <summary>False where the map that begins at <paramref name="map"/> has this key already.</summary>
    public bool TryAdd(int map, ulong fingerprint)
    {
        if (_fingerprints[map.._count].Contains(fingerprint))
            return false;
        if (_count == _fingerprints.Length)
            Grow();
        _fingerprints[_count++] = fingerprint;
        return true;
    }

    /// <summary>Gives back what was rented.</summary>
    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<ulong>.Shared.Return(_rented);
        _rented = null;
    }

    /// <summary>One fingerprint for one number, whichever of MessagePack's forms it came in.</summary>
    public static ulong OfNumber(ulong bits, bool negative) => Mix(bits ^ (negative ? 0x9E37_79B9_7F4A_7C15 : 0x2545_F491_4F6C_DD1D));

    /// <summary>The fingerprint of a text key.</summary>
    public static ulong OfText(in ReadOnlySequence<byte> text)
    {
        // FNV-1a over the bytes, then mixed: keys are short, and each byte is looked at once.
        var hash = 0xCBF2_9CE4_8422_2325;
        foreach (var segment in text)
        {
            foreach (var unit in segment.Span)
                hash = (hash ^ unit) * 0x0000_0100_0000_01B3;
        }
        return Mix(hash);
    }

    // The finalizer of SplitMix64: a bijection, so different numbers of one sign never collide.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    private void Grow()
    {
        var larger = ArrayPool<ulong>.Shared.Rent(Math.Max(256, _count * 2));
        _fingerprints[.._count].CopyTo(larger);
        Dispose();
        _rented = larger;
        _fingerprints = larger;
    }
}
