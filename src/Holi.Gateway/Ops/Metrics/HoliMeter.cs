using System.Diagnostics.Metrics;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>
/// Where all of the gateway's instruments come from. Names and units are by OpenTelemetry's conventions and stand, with what they mean, in
/// OPERATIONS.md. Invariant: an attribute's values are words of this program, a few dozen at most; never a person, tenant, topic, address or content.
/// <para>What is counted anyway is observed when somebody asks; only what would be lost is recorded as it happens, and that costs a look at a
/// field while nobody listens.</para>
/// </summary>
/// <param name="owner">Whose instruments they are: a process may run several gateways, as tests do.</param>
public sealed class HoliMeter(object owner) : IDisposable
{
    /// <summary>What exporters subscribe to.</summary>
    public const string Name = "Holi.Gateway";

    // Finest around the promised times (10 ms, 15 ms), then up to where a device has given up.
    private static readonly double[] Seconds = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly long[] Sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096];

    private readonly Meter _meter = new(new MeterOptions(Name) { Version = GatewayVersion.Text, Scope = owner });

    /// <summary>How long something takes.</summary>
    public Histogram<double> Duration(string name, string description) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    /// <summary>How many things come together.</summary>
    public Histogram<long> Size(string name, string unit, string description) =>
        _meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<long> { HistogramBucketBoundaries = Sizes });

    /// <summary>Counted as it happens.</summary>
    public Counter<long> Counter(string name, string unit, string description) => _meter.CreateCounter<long>(name, unit, description);

    /// <summary>Counted elsewhere, only growing.</summary>
    public void Total(string name, string unit, string description, Func<long> value) =>
        _meter.CreateObservableCounter(name, value, unit, description);

    /// <summary>Counted elsewhere, only growing, one for each value of an attribute.</summary>
    public void Totals(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> values) =>
        _meter.CreateObservableCounter(name, values, unit, description);

    /// <summary>How many there are now; those of several gateways add up.</summary>
    public void Level(string name, string unit, string description, Func<long> value) =>
        _meter.CreateObservableUpDownCounter(name, value, unit, description);

    /// <summary>How many there are now, one for each value of an attribute.</summary>
    public void Levels(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> values) =>
        _meter.CreateObservableUpDownCounter(name, values, unit, description);

    /// <summary>What is so now, one for each value of an attribute; adding several gateways' makes no sense.</summary>
    public void Gauges<T>(string name, string unit, string description, Func<IEnumerable<Measurement<T>>> values)
        where T : struct => _meter.CreateObservableGauge(name, values, unit, description);

    public void Dispose() => _meter.Dispose();
}
