// The generator's own random numbers: xoshiro256** seeded by splitmix64, both public domain. Written out here, because a record must have the same bytes
// on every machine and with every version of .NET. Only whole numbers decide; there is no logarithm or sine whose last bit a library may round differently.

using System.Numerics;

namespace Holi.Synthetic.Randomness;

/// <summary>A source of numbers that depends on nothing but what it was made from. One thread at a time.</summary>
internal sealed class Draw
{
    private readonly ulong _root;
    private ulong _a, _b, _c, _d;

    private Draw(ulong root)
    {
        _root = root;
        var state = root;
        _a = SplitMix(ref state);
        _b = SplitMix(ref state);
        _c = SplitMix(ref state);
        _d = SplitMix(ref state);
    }

    /// <summary>For one record: record 17 is the same whether 16 was made before or not.</summary>
    public static Draw Of(long seed, long record)
    {
        var state = unchecked((ulong)seed);
        var first = SplitMix(ref state);
        state = first ^ unchecked((ulong)record * 0xD1B54A32D192ED03UL);
        return new Draw(SplitMix(ref state));
    }

    /// <summary>A source of its own for a purpose, so that a change in one part of a record leaves the others as they are.</summary>
    public Draw Branch(string purpose)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var letter in purpose)
            hash = unchecked((hash ^ letter) * 0x100000001B3UL);
        var state = _root ^ hash;
        return new Draw(SplitMix(ref state));
    }

    public ulong Bits()
    {
        var result = unchecked(BitOperations.RotateLeft(unchecked(_b * 5), 7) * 9);
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>From 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Bits(), (ulong)count, out _);

    /// <summary>Both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>Both included, in steps of the last decimal place.</summary>
    public decimal Between(decimal low, decimal high, int decimals)
    {
        var scale = 1m;
        for (var i = 0; i < decimals; i++)
            scale *= 10;
        var from = (long)Math.Ceiling(low * scale);
        var to = (long)Math.Floor(high * scale);
        return to <= from ? Math.Round(low, decimals) : (from + (long)Math.BigMul(Bits(), (ulong)(to - from + 1), out _)) / scale;
    }

    /// <summary>As <see cref="Between(decimal, decimal, int)"/>, the middle more often than the ends.</summary>
    public decimal Around(decimal low, decimal high, int decimals)
    {
        var first = Between(low, high, decimals);
        var second = Between(low, high, decimals);
        return Math.Round((first + second) / 2, decimals, MidpointRounding.ToEven);
    }

    public bool Chance(decimal probability) => Below(1_000_000) < probability * 1_000_000m;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>By weight; at least one is above zero.</summary>
    public T PickBy<T>(IReadOnlyList<T> from, Func<T, decimal> weight)
    {
        var total = from.Sum(weight);
        var at = Between(0m, total - 0.0001m, 4);
        foreach (var one in from)
        {
            at -= weight(one);
            if (at < 0)
                return one;
        }
        return from[^1];
    }

    /// <summary>In another order.</summary>
    public IReadOnlyList<T> Shuffle<T>(IEnumerable<T> all)
    {
        var shuffled = all.ToArray();
        for (var i = shuffled.Length - 1; i > 0; i--)
        {
            var other = Below(i + 1);
            (shuffled[i], shuffled[other]) = (shuffled[other], shuffled[i]);
        }
        return shuffled;
    }

    private static ulong SplitMix(ref ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15UL;
            var mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            return mixed ^ (mixed >> 31);
        }
    }
}
