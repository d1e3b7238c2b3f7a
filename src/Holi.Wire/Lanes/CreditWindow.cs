namespace Holi.Wire.Lanes;

/// <summary>
/// The receiver's side of one lane under credit (holi.v1.md §5.3): what the peer may still send, and when to give credit back.
/// <para>Invariant: available + in use = window. What is released is returned at once: from that the sender hears how fast the link is (§5.4). It costs little:
/// on a fast link what is stored together is released together, on a slow one a frame of credit is small beside what it stands for.</para>
/// </summary>
public sealed class CreditWindow
{
    private long _available;
    private long _inUse;

    /// <param name="windowBytes">
    /// What is announced in Hello or Welcome: 0 where nothing is wanted, else from <see cref="LaneSets.PieceBytesMax"/> to
    /// <see cref="WireLimits.CreditBytesMax"/> (with less, a sender could wait for ever).
    /// </param>
    public CreditWindow(long windowBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowBytes, WireLimits.CreditBytesMax);
        if (windowBytes != 0)
            ArgumentOutOfRangeException.ThrowIfLessThan(windowBytes, LaneSets.PieceBytesMax);
        _available = windowBytes;
    }

    /// <summary>What the peer may still send.</summary>
    public long AvailableBytes => _available;

    /// <summary>A frame or part of this lane came, of so many bytes with its header. Beyond the credit: 4412.</summary>
    public Violation OnReceived(int wireBytes)
    {
        if (wireBytes > _available)
            return new Violation(HoliCode.CreditExceeded, "5.3");
        _available -= wireBytes;
        _inUse += wireBytes;
        return Violation.None;
    }

    /// <summary>Bytes were stored or dropped, or are a part of a frame not yet complete. Returns the bytes to announce in a Credit frame now; 0: none.</summary>
    public long OnReleased(int wireBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wireBytes, _inUse);
        _inUse -= wireBytes;
        _available += wireBytes;
        return wireBytes;
    }
}
