using System.Buffers;

namespace Holi.Wire.Connections;

/// <summary>
/// The commands beyond the last Commit and their bytes (holi.v1.md §7.5), counted alike by both sides. Which sizes a Commit gives
/// back is known from a ring of sizes, rented while commands are in flight and given back when none is.
/// </summary>
internal struct CommandWindow
{
    private int _countMax;
    private int _bytesMax;
    private int[]? _sizes;
    private int _head;

    public CommandWindow(int countMax, int bytesMax) => Limit(countMax, bytesMax);

    /// <summary>Sets the limits: a device learns them from Welcome, when commands may be on their way already.</summary>
    public void Limit(int countMax, int bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, 1);
        _countMax = countMax;
        _bytesMax = bytesMax;
    }

    public int Count { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>One may always be on its way, whatever its size: in a window smaller than it, it would wait for ever.</summary>
    public readonly bool Fits(int bodyBytes) => Count == 0 || (Count < _countMax && bodyBytes <= _bytesMax - Bytes);

    /// <summary>Counts one more command, whether or not it fits: the caller has asked.</summary>
    public void Add(int bodyBytes)
    {
        _sizes ??= ArrayPool<int>.Shared.Rent(16);
        if (Count == _sizes.Length)
            Grow();
        _sizes[(_head + Count) % _sizes.Length] = bodyBytes;
        Count++;
        Bytes += bodyBytes;
    }

    /// <summary>The oldest <paramref name="count"/> commands are committed.</summary>
    public void Commit(ulong count)
    {
        for (; count > 0 && Count > 0; count--, Count--)
        {
            Bytes -= _sizes![_head];
            _head = (_head + 1) % _sizes.Length;
        }
        if (Count == 0)
            Clear();
    }

    public void Clear()
    {
        if (_sizes is not null)
            ArrayPool<int>.Shared.Return(_sizes);
        _sizes = null;
        _head = Count = Bytes = 0;
    }

    private void Grow()
    {
        var old = _sizes!;
        var grown = ArrayPool<int>.Shared.Rent(old.Length * 2);
        old.AsSpan(_head).CopyTo(grown);
        old.AsSpan(0, _head).CopyTo(grown.AsSpan(old.Length - _head));
        ArrayPool<int>.Shared.Return(old);
        _sizes = grown;
        _head = 0;
    }
}
