using System.Diagnostics.Metrics;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>How a backend's publication reached the gateway.</summary>
public enum IngressRoad : byte
{
    /// <summary><c>POST /v1/publish</c>.</summary>
    Http,
    /// <summary><c>XADD</c>.</summary>
    Redis,
    /// <summary>The outbox table.</summary>
    Sql,
    /// <summary>Its time had come.</summary>
    Schedule,
}

/// <summary>What became of it.</summary>
public enum IngressOutcome : byte
{
    /// <summary>Committed.</summary>
    Applied,
    /// <summary>Kept for its time.</summary>
    Scheduled,
    /// <summary>Its idempotency key was there before: answered again, applied nothing.</summary>
    Repeated,
    /// <summary>Cancelled before its time.</summary>
    Cancelled,
    /// <summary>Its time was over before it could be applied.</summary>
    Expired,
    /// <summary>Refused: it breaks a rule, or its sender may not.</summary>
    Refused,
    /// <summary>Unreadable: put aside with the reason.</summary>
    DeadLetter,
    /// <summary>Not now: the queue is full or the log fails; its sender tries again.</summary>
    Busy,
}

/// <summary>What backends publish. Thread-safe; a count costs one interlocked addition.</summary>
public sealed class IngressMeter
{
    private static readonly string[] Roads = ["http", "redis", "sql", "schedule"];
    private static readonly string[] Outcomes = ["applied", "scheduled", "repeated", "cancelled", "expired", "refused", "dead_letter", "busy"];

    private readonly long[] _counts = new long[Roads.Length * Outcomes.Length];

    internal IngressMeter(HoliMeter meter) => meter.Totals(
        "holi.ingress.publications", "{publication}", "Publications of backends, by the road they came on and what became of them.", Counts);

    /// <summary>So many publications met this outcome.</summary>
    public void Count(IngressRoad road, IngressOutcome outcome, int publications = 1) =>
        Interlocked.Add(ref _counts[((int)road * Outcomes.Length) + (int)outcome], publications);

    // Only what has happened: a gateway without backends tells nothing.
    private List<Measurement<long>> Counts()
    {
        var found = new List<Measurement<long>>();
        for (var i = 0; i < _counts.Length; i++)
        {
            if (Volatile.Read(ref _counts[i]) is > 0 and var count)
            {
                found.Add(new Measurement<long>(
                    count,
                    new KeyValuePair<string, object?>("holi.ingress.road", Roads[i / Outcomes.Length]),
                    new KeyValuePair<string, object?>("holi.ingress.outcome", Outcomes[i % Outcomes.Length])));
            }
        }
        return found;
    }
}
