namespace Holi.CoPilot.Fallback;

/// <summary>
/// How a caller's time is divided, so that whoever hangs, there is time left for the next one, and in the end for a template. Pure.
/// </summary>
internal static class TimeShares
{
    // Of a budget, kept for the template and the way back: a tenth covers a busy machine, a second is more than it needs.
    private const double ReserveRatio = 0.1;
    private static readonly TimeSpan ReserveMax = TimeSpan.FromSeconds(1);

    // Of the reserve, for the template and the way back; the rest is for the last provider to say why it failed.
    private const double WayBackRatio = 0.75;

    // The preferred provider gets more than half; whoever comes after it still has enough to be worth asking.
    private const double ShareRatio = 0.6;

    // Less than this is no time in which a model writes anything.
    private static readonly TimeSpan UsefulMin = TimeSpan.FromMilliseconds(50);

    /// <summary>What is left of <paramref name="budget"/> for providers.</summary>
    public static TimeSpan ForProviders(TimeSpan budget) => budget - Reserve(budget);

    /// <summary>How long a caller waits for them: a little longer, for the last of them to say why it failed; then there is a template.</summary>
    public static TimeSpan ForWaiting(TimeSpan budget) => budget - (Reserve(budget) * WayBackRatio);

    private static TimeSpan Reserve(TimeSpan budget)
    {
        var reserve = budget * ReserveRatio;
        return reserve < ReserveMax ? reserve : ReserveMax;
    }

    /// <summary>What the next provider gets of what remains; zero where it is not worth asking.</summary>
    /// <param name="remaining">For providers.</param>
    /// <param name="others">How many come after it.</param>
    public static TimeSpan ForNext(TimeSpan remaining, int others)
    {
        var share = others > 0 ? remaining * ShareRatio : remaining;
        return share < UsefulMin ? TimeSpan.Zero : share;
    }
}
