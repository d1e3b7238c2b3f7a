namespace Holi.Client.Engine;

/// <summary>
/// Counts this device's sockets over all of its lives (holi.v1.md §6.5), so that a gateway tells a Hello of a life that ended from one of the present.
/// <para>Invariant: no number is said before the store knows that it is used up. The store is told a block ahead: those between its end and the end of
/// the block before are this life's, but for the last, which is for a life whose store cannot be written: it connects all the same.</para>
/// </summary>
internal sealed class OpeningNumbers(EngineLimits limits, ulong reserved)
{
    /// <summary>Beyond what copies of a device count to while they take turns; and how much more with each 4303 that follows, so that a few tries pass any count.</summary>
    private const ulong RaiseFirst = 1UL << 32;
    private const int RaiseMoreBits = 4;

    // A new store has reserved 1 so to say, for 0 means that a device does not count.
    private ulong _reserved = Math.Max(reserved, 1);
    private ulong _last = Math.Max(reserved, 1);
    private ulong _wanted;
    private ulong _atStore;
    private int _raises;
    private bool _isRaising;
    private bool _isRefused;

    /// <summary>The next Hello waits for the store.</summary>
    public bool IsUrgent => _wanted != 0;

    /// <summary>True where the next Hello has its number. Otherwise the store is asked for more, and has not answered yet.</summary>
    public bool Prepare()
    {
        if (_isRefused || _last + 1 < _reserved || _reserved == long.MaxValue)
            return true;
        if (_atStore == 0 && _wanted == 0)
            _wanted = Beyond((ulong)limits.OpeningsReserved);
        return false;
    }

    /// <summary>The last Hello said a number that an earlier life may have said, too: 4501 may be its doing, and no copy's.</summary>
    public bool IsShared { get; private set; }

    /// <summary>The number of the Hello that is said now.</summary>
    public ulong Take()
    {
        _isRefused = false;
        IsShared = _last + 1 >= _reserved;
        return IsShared ? _reserved : ++_last;
    }

    /// <summary>4303: another copy of this device counted further. The next Hello has a number far beyond.</summary>
    public void Raise()
    {
        _last = _reserved;
        // At the end of the count every life says the same, which is taken.
        if (_reserved == long.MaxValue)
            return;
        _wanted = Beyond(RaiseFirst << Math.Min(RaiseMoreBits * _raises, 31));
        _isRaising = true;
    }

    /// <summary>A Welcome came.</summary>
    public void Accepted() => _raises = 0;

    /// <summary>Adds what is wanted to the batch.</summary>
    public void Cut(List<StoreWrite> batch)
    {
        if (_wanted == 0)
            return;
        (_atStore, _wanted) = (_wanted, 0);
        batch.Add(new ReserveOpenings(_atStore));
    }

    /// <summary>The batch is on disk.</summary>
    public void Written()
    {
        if (_atStore == 0)
            return;
        _last = Math.Max(_last, _atStore - Math.Min(_atStore, (ulong)limits.OpeningsReserved));
        (_reserved, _atStore) = (_atStore, 0);
        if (_isRaising)
            _raises++;
        _isRaising = false;
    }

    /// <summary>Nothing of the batch happened.</summary>
    public void Failed()
    {
        if (_atStore == 0)
            return;
        (_isRefused, _isRaising, _atStore) = (true, false, 0);
    }

    private ulong Beyond(ulong more) => Math.Min(_reserved + more, long.MaxValue);
}
