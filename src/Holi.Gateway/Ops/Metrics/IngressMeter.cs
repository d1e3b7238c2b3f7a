using System.Diagnostics.Metrics;
using Holi.Gateway.Commit;
using Holi.Gateway.Ingress;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>What backends publish, by the road it came on and what became of it. Thread-safe; a count costs one interlocked addition.</summary>
public sealed class IngressMeter
{
    /// <summary>The road of those whose time has come: their own was counted when they were scheduled.</summary>
    public const string Schedule = "schedule";

    private static readonly string[] Roads = [PublicationRoads.Http, PublicationRoads.Redis, PublicationRoads.Sql, Schedule];

    // The words of backends.md for PublicationResult, in its order.
    private static readonly string[] Results = ["not_taken", "committed", "scheduled", "duplicate", "expired", "cancelled", "refused"];

    private readonly long[] _counts = new long[Roads.Length * Results.Length];

    internal IngressMeter(HoliMeter meter) => meter.Totals(
        "holi.ingress.publications", "{publication}", "Publications of backends, by the road they came on and what became of them.", Counts);

    /// <summary>From here on it can be asked what waits.</summary>
    internal static void Observe(HoliMeter meter, Backends backends) => meter.Gauges(
        "holi.ingress.lag", "s", "How long the oldest of what waits on a road has been waiting.",
        () => backends.Lags().Select(each => new Measurement<double>(
            each.Lag.TotalSeconds, new KeyValuePair<string, object?>("holi.ingress.road", each.Road))));

    /// <summary>So many publications ended like this.</summary>
    /// <param name="road">One of <see cref="PublicationRoads"/>, or <see cref="Schedule"/>.</param>
    public void Count(string road, PublicationResult result, int publications = 1)
    {
        var at = Array.IndexOf(Roads, road);
        ArgumentOutOfRangeException.ThrowIfNegative(at, nameof(road));
        Interlocked.Add(ref _counts[(at * Results.Length) + (int)result], publications);
    }

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
                    new KeyValuePair<string, object?>("holi.ingress.road", Roads[i / Results.Length]),
                    new KeyValuePair<string, object?>("holi.ingress.result", Results[i % Results.Length])));
            }
        }
        return found;
    }
}
