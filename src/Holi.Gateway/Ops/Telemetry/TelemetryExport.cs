using Holi.CoPilot;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Ops.Traces;
using Npgsql;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Holi.Gateway.Ops.Telemetry;

/// <summary>
/// The OpenTelemetry SDK, put together where the settings ask for it and absent where they do not. A collector that cannot be reached costs its data and
/// nothing else: the SDK's queues are bounded, and it waits for nobody.
/// </summary>
internal static class TelemetryExport
{
    // What .NET measures of itself: memory, collections, thread pool, locks, exceptions.
    private const string RuntimeMeter = "System.Runtime";

    // A collector is near. And a stop, which waits for it twice at most, has its stated time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Add(IServiceCollection services, TelemetryOptions options, bool usesPostgres)
    {
        if (!options.IsOn)
            return;
        var telemetry = services.AddOpenTelemetry().ConfigureResource(
            resource => resource.AddService("holi-gateway", serviceVersion: GatewayVersion.Text));
        telemetry.WithMetrics(metrics => AddMetrics(metrics, options, usesPostgres));
        if (options.TraceRatio > 0)
            telemetry.WithTracing(traces => AddTraces(traces, options, usesPostgres));
    }

    /// <summary>Sends what is still here. For a stop: before the instruments go.</summary>
    public static void Flush(IServiceProvider services)
    {
        services.GetService<MeterProvider>()?.ForceFlush((int)Patience.TotalMilliseconds);
        services.GetService<TracerProvider>()?.ForceFlush((int)Patience.TotalMilliseconds);
    }

    private static void AddMetrics(MeterProviderBuilder metrics, TelemetryOptions options, bool usesPostgres)
    {
        metrics.AddMeter(HoliMeter.Name, CoPilotMeter.Name, RuntimeMeter);
        if (usesPostgres)
            metrics.AddNpgsqlInstrumentation();
        if (options.Prometheus)
            metrics.AddPrometheusExporter();
        if (options.Otlp is not { } collector)
            return;
        metrics.AddOtlpExporter((exporter, reader) =>
        {
            Configure(exporter, collector, "v1/metrics");
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Interval.TotalMilliseconds;
        });
    }

    private static void AddTraces(TracerProviderBuilder traces, TelemetryOptions options, bool usesPostgres)
    {
        traces.AddSource(MessageTraces.Source)
            .SetSampler(new SampledAtSource())
            .AddOtlpExporter(exporter => Configure(exporter, options.Otlp!, "v1/traces"));
        if (usesPostgres)
            traces.AddNpgsql();
    }

    private static void Configure(OtlpExporterOptions exporter, Uri collector, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.TimeoutMilliseconds = (int)Patience.TotalMilliseconds;
        // Set by hand, so the SDK adds no path.
        exporter.Endpoint = new Uri(collector.AbsoluteUri.EndsWith('/') ? collector : new Uri(collector.AbsoluteUri + "/"), path);
    }
}
