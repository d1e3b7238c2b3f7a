using System.Buffers;

namespace Holi.Gateway.Connections;

/// <summary>What is remembered of a command until it is committed: enough to tell a repetition from other content, and where it was meant to go.</summary>
internal readonly record struct InFlight(long Check, string TopicName);

/// <summary>The commands in flight, oldest first, by place. Its memory is rented with the first and given back with the last.</summary>
internal struct InFlightRing
{
    private InFlight[]? _ring;
    private int _head;
    private int _count;

    /// <param name="place">0 is the oldest.</param>
    public readonly InFlight this[int place] => _ring![(_head + place) % _ring.Length];

    public void Add(InFlight command)
    {
        if (_ring is null || _count == _ring.Length)
            Grow();
        _ring![(_head + _count++) % _ring.Length] = command;
    }

    public bool TryTake(out InFlight command)
    {
        command = default;
        if (_count == 0)
            return false;
        command = _ring![_head];
        _head = (_head + 1) % _ring.Length;
        if (--_count == 0)
            Clear();
        return true;
    }

    /// <summary>Gives the memory back: nothing is in flight, or the connection is over.</summary>
    public void Clear()
    {
        if (_ring is not null)
            ArrayPool<InFlight>.Shared.Return(_ring, clearArray: true);
        _ring = null;
        _head = _count = 0;
    }

    private void Grow()
    {
        var grown = ArrayPool<InFlight>.Shared.Rent(Math.Max(16, 2 * _count));
        for (var place = 0; place < _count; place++)
            grown[place] = this[place];
        if (_ring is not null)
            ArrayPool<InFlight>.Shared.Return(_ring, clearArray: true);
        (_ring, _head) = (grown, 0);
    }
}
