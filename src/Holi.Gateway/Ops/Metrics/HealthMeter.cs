using System.Diagnostics.Metrics;
using Holi.Gateway.Ops.Health;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>What the gateway leans on, and what it does without.</summary>
internal static class HealthMeter
{
    public static void Observe(HoliMeter meter, Func<IReadOnlyList<DependencyHealth>> dependencies, Fallbacks fallbacks)
    {
        meter.Gauges(
            "holi.dependency.up", "{dependency}", "1 while the dependency works, 0 while it fails.",
            () => dependencies().Select(d => Of(d, d.FailingSince is null ? 1L : 0L)));
        meter.Gauges(
            "holi.dependency.lag", "s", "How long the dependency took to answer when it last did.",
            () => dependencies().Where(d => d.Lag is not null).Select(d => Of(d, d.Lag!.Value.TotalSeconds)));
        meter.Gauges(
            "holi.fallback.active", "{fallback}", "1 while the gateway does without something and is slower for it.",
            () => fallbacks.All.Select(f => new Measurement<long>(f.IsActive ? 1 : 0, new KeyValuePair<string, object?>("holi.fallback", f.Name))));
    }

    private static Measurement<T> Of<T>(DependencyHealth dependency, T value)
        where T : struct => new(value, new KeyValuePair<string, object?>("holi.dependency", dependency.Name));
}
