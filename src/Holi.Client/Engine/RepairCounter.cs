using Holi.Wire;

namespace Holi.Client.Engine;

/// <summary>
/// A gap or an impossible position in a topic is repaired by saying Hello again (holi.v1.md §8.2). Where that does not help, the gateway
/// has a bug, and the device waits as after a 44xx so that the two do not turn in a circle.
/// </summary>
internal sealed class RepairCounter(EngineLimits limits)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private TimeSpan _windowEnds;
    private int _repairs;

    /// <summary>The code to act on.</summary>
    public HoliCode Judge(HoliCode code, TimeSpan now)
    {
        if (now >= _windowEnds)
            (_windowEnds, _repairs) = (now + Window, 0);
        return ++_repairs > limits.QuickRepairsMax ? code : HoliCode.GoingAway;
    }
}
