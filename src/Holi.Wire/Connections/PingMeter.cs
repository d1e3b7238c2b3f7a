namespace Holi.Wire.Connections;

/// <summary>
/// More than 20 Pings in 10 s close with 4416 (holi.v1.md §11.1). Counted in windows that begin with a Ping, so that it costs two
/// numbers: nobody within the limit is ever refused, and a flood is noticed by its 41st Ping at the latest.
/// </summary>
internal struct PingMeter
{
    public const int PingsMax = 20;
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private TimeSpan _windowEnds;
    private int _pings;

    public Violation OnPing(TimeSpan now)
    {
        if (now >= _windowEnds)
        {
            _windowEnds = now + Window;
            _pings = 0;
        }
        return ++_pings > PingsMax ? new Violation(HoliCode.PingFlood, "11.1") : Violation.None;
    }
}
