namespace Holi.Gateway.Cluster;

/// <summary>What a comparison was made of.</summary>
/// <param name="Others">How far the other gateways had come; null where that is not known.</param>
/// <param name="Here">Counts what came to be compared here.</param>
internal readonly record struct ComparisonMark(string? Others, long Here);

/// <summary>
/// Goes through a list in slices, round after round, and knows when that can show nothing new: once all of it was compared, and since that began no other
/// gateway has committed anything and nothing has come here. So a gateway that is alone, or whose others are quiet, asks one small question instead of
/// thousands of rows. No clock; one owner.
/// </summary>
internal sealed class ComparisonCycle
{
    private ComparisonMark? _begunWith, _comparedWith;

    /// <summary>Where to go on; 0: from the beginning.</summary>
    public int Next { get; private set; }

    /// <summary>True where there is nothing to look for.</summary>
    public bool IsIdle(in ComparisonMark now) => Next == 0 && now.Others is not null && _comparedWith == now;

    /// <summary>From the beginning, whatever was compared before.</summary>
    public void Restart() => (Next, _begunWith, _comparedWith) = (0, null, null);

    /// <summary>A slice is about to be copied. <paramref name="now"/> was read before.</summary>
    public void Begin(in ComparisonMark now)
    {
        if (Next == 0)
            _begunWith = now;
    }

    /// <summary>That slice was compared.</summary>
    public void Advance(int next)
    {
        Next = next;
        if (next == 0)
            _comparedWith = _begunWith;
    }
}
