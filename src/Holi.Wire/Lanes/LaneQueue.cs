using System.Buffers;

namespace Holi.Wire.Lanes;

/// <summary>
/// The frames that wait in one lane, first in first out. Its ring is rented with the first frame and given back with the last, so
/// that an empty lane holds nothing; the frames are kept by reference, or in rented bytes of their own.
/// </summary>
internal struct LaneQueue
{
    /// <summary>What a queued frame costs besides its bytes: counted, so that many tiny frames are bounded too.</summary>
    public const int EntryBytes = 24;

    private readonly record struct Entry(ReadOnlyMemory<byte> Frame, byte[]? Rented);

    private Entry[]? _ring;
    private int _head;
    private int _bytesSentOfHead;

    public int Count { get; private set; }

    /// <summary>Bytes of frames not yet sent, without the headers of parts to come.</summary>
    public int Bytes { get; private set; }

    public readonly ReadOnlyMemory<byte> Head => _ring![_head].Frame;

    /// <summary>How much of the head has gone out in parts.</summary>
    public readonly int BytesSentOfHead => _bytesSentOfHead;

    public void Add(ReadOnlyMemory<byte> frame) => Add(new Entry(frame, null));

    public void AddCopy(ReadOnlySpan<byte> frame)
    {
        var rented = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(rented);
        Add(new Entry(rented.AsMemory(0, frame.Length), rented));
    }

    /// <summary>Marks the next bytes of the head as sent; removes it once all are.</summary>
    public void Sent(int bytes)
    {
        Bytes -= bytes;
        _bytesSentOfHead += bytes;
        if (_bytesSentOfHead == _ring![_head].Frame.Length)
            Remove();
    }

    public void Clear()
    {
        while (Count > 0)
            Remove();
        Bytes = 0;
    }

    private void Add(Entry entry)
    {
        _ring ??= ArrayPool<Entry>.Shared.Rent(16);
        if (Count == _ring.Length)
            Grow();
        var tail = _head + Count;
        _ring[tail < _ring.Length ? tail : tail - _ring.Length] = entry;
        Count++;
        Bytes += entry.Frame.Length;
    }

    private void Remove()
    {
        if (_ring![_head].Rented is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        _ring[_head] = default;
        _bytesSentOfHead = 0;
        _head = _head + 1 == _ring.Length ? 0 : _head + 1;
        if (--Count > 0)
            return;
        ArrayPool<Entry>.Shared.Return(_ring);
        _ring = null;
        _head = 0;
    }

    private void Grow()
    {
        var old = _ring!;
        var grown = ArrayPool<Entry>.Shared.Rent(old.Length * 2);
        old.AsSpan(_head).CopyTo(grown);
        old.AsSpan(0, _head).CopyTo(grown.AsSpan(old.Length - _head));
        ArrayPool<Entry>.Shared.Return(old, clearArray: true);
        _ring = grown;
        _head = 0;
    }
}
