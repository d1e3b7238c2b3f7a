namespace Holi.Wire.Connections;

/// <summary>
/// How long a device waits before it connects again (holi.v1.md §12): random between 0 and min(30 s, 0.25 s × 2ⁿ), n counting the
/// failures since the last Welcome. It never says "stop"; only a code can (codes.md).
/// </summary>
public sealed class Backoff
{
    /// <summary>The first ceiling.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);

    /// <summary>The last ceiling.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    // 0.25 s × 2⁷ = 32 s is beyond the last ceiling: more failures change nothing.
    private const int FailuresCounted = 7;

    private readonly Func<double> _random;
    private int _failures;
    private bool _collapsed;

    /// <param name="random">Gives a number from 0 up to but not including 1, as <see cref="Random.NextDouble"/> of a seeded random does.</param>
    public Backoff(Func<double> random) => _random = random;

    /// <summary>An attempt failed, or a connection ended before Welcome.</summary>
    public void Failed() => _failures = Math.Min(_failures + 1, FailuresCounted);

    /// <summary>Welcome came.</summary>
    public void Reset() => _failures = 0;

    /// <summary>The network is back, the app came to the foreground or asked: the next delay is zero and the count begins anew.</summary>
    public void Collapse()
    {
        _failures = 0;
        _collapsed = true;
    }

    /// <summary>The delay before the next attempt. Zero once after <see cref="Collapse"/>.</summary>
    public TimeSpan NextDelay()
    {
        if (_collapsed)
        {
            _collapsed = false;
            return TimeSpan.Zero;
        }
        var ceiling = Math.Min(First.Ticks << _failures, Most.Ticks);
        return TimeSpan.FromTicks((long)(ceiling * _random()));
    }

    /// <summary>A gateway's hint (§11.3): its <paramref name="retryAfter"/> and a random part of its <paramref name="spread"/>.</summary>
    public TimeSpan Hinted(TimeSpan retryAfter, TimeSpan spread) => retryAfter + (spread * _random());

    /// <summary>
    /// The delay after a close with <paramref name="status"/> (any WebSocket status), or null where only the person or the app may
    /// try again (4500–4599).
    /// </summary>
    public TimeSpan? NextDelayAfter(int status) => HoliCodes.ActionOf(status) switch
    {
        CodeAction.GiveUp => null,
        CodeAction.ReportAndRetry => Most + NextDelay(),
        _ => NextDelay(),
    };
}
