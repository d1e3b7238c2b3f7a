using BenchmarkDotNet.Attributes;
using Holi.Gateway.Commit;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Storage;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Holi.Bench;

/// <summary>What measuring costs a message and a batch, while nobody listens and while the SDK does: must allocate nothing.</summary>
[MemoryDiagnoser]
public class MeterBenchmarks : IDisposable
{
    private readonly GatewayMeters _meters = new(TimeProvider.System);
    private readonly List<CommitInput> _inputs = [new SubmitDelivered(new TopicKey("tenant", "topic"), "user", 1)];
    private readonly BatchOutcome _outcome = new();
    private MeterProvider? _sdk;

    /// <summary>Whether somebody collects.</summary>
    [Params(false, true)]
    public bool IsHeard { get; set; }

    /// <summary>The SDK, sending nowhere.</summary>
    [GlobalSetup]
    public void Listen() => _sdk = IsHeard
        ? Sdk.CreateMeterProviderBuilder().AddMeter(HoliMeter.Name).AddReader(new BaseExportingMetricReader(new Nowhere())).Build()
        : null;

    /// <summary>Gone again.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _sdk?.Dispose();
        _meters.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A message that came, its command submitted, and one that went out with a live event.</summary>
    [Benchmark]
    public void Message()
    {
        _meters.Connections.Received(140, 1);
        _meters.Commits.Submitting(_inputs[0]);
        _meters.Connections.Sent(140, 1);
        _meters.Delivery.Delivered(1);
        if (_meters.Delivery.IsTimed)
            _meters.Delivery.Took(TimeSpan.FromMilliseconds(1));
    }

    /// <summary>A batch of one on its way to disk.</summary>
    [Benchmark]
    public void Batch() => _meters.Commits.OnDisk(_inputs, _outcome, _meters.Commits.Begin());

    private sealed class Nowhere : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
