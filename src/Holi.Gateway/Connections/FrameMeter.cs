namespace Holi.Gateway.Connections;

/// <summary>Counts something in windows that begin with it: two numbers, no timer.</summary>
internal struct FrameMeter
{
    private TimeSpan _ends;
    private int _count;

    /// <summary>One more. Returns how many there were in this window, this one included.</summary>
    public int Add(TimeSpan now, TimeSpan window)
    {
        if (now >= _ends)
        {
            _ends = now + window;
            _count = 0;
        }
        return ++_count;
    }
}
