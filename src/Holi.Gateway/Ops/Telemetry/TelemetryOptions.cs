namespace Holi.Gateway.Ops.Telemetry;

/// <summary>Where measurements and traces go. By default nowhere, at no cost.</summary>
public sealed record TelemetryOptions
{
    /// <summary>Base address of a collector that takes OTLP over HTTP (protobuf); null: none.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>How often measurements go there. Default 60 s, from 1 s to an hour.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>True: <c>/metrics</c> answers a Prometheus that scrapes it.</summary>
    public bool Prometheus { get; init; }

    /// <summary>An address of its own for it, so that the devices' one need not show it; null: where devices connect.</summary>
    public Uri? PrometheusUrl { get; init; }

    /// <summary>Of messages that are traced: 0 (none) to 1.</summary>
    public double TraceRatio { get; init; }

    /// <summary>True where anybody is to hear of anything.</summary>
    public bool IsOn => Otlp is not null || Prometheus;
}
