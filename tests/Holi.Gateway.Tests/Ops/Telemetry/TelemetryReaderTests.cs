using Holi.Gateway.Ops.Telemetry;
using Microsoft.Extensions.Configuration;

namespace Holi.Gateway.Tests.Ops.Telemetry;

public sealed class TelemetryReaderTests
{
    [Fact]
    public void Nothing_said_is_nothing_collected()
    {
        var options = Read(out var errors);
        errors.ShouldBeEmpty();
        options.ShouldBe(new TelemetryOptions());
        (options.IsOn, options.TraceRatio).ShouldBe((false, 0));
    }

    [Fact]
    public void Everything_said_is_taken()
    {
        var options = Read(
            out var errors, ("Otlp", "https://collector.example:4318/otel"), ("IntervalSeconds", "10"), ("prometheus", "true"),
            ("PrometheusUrl", "http://10.0.0.5:9464"), ("TraceRatio", "0.001"));
        errors.ShouldBeEmpty();
        options.ShouldBe(new TelemetryOptions
        {
            Otlp = new Uri("https://collector.example:4318/otel"),
            Interval = TimeSpan.FromSeconds(10),
            Prometheus = true,
            PrometheusUrl = new Uri("http://10.0.0.5:9464"),
            TraceRatio = 0.001,
        });
    }

    [Theory]
    [InlineData("Otlp", "collector:4318", "like http://127.0.0.1:4318")]
    [InlineData("Otlp", "http://user:secret@collector:4318", "without a user in it")]
    [InlineData("IntervalSeconds", "0", "from 1 to 3600")]
    [InlineData("Prometheus", "yes", "true nor false")]
    [InlineData("PrometheusUrl", "http://127.0.0.1:9464", "Telemetry:Prometheus=true as well")]
    [InlineData("PrometheusUrl", "https://127.0.0.1:9464", "plain http://")]
    [InlineData("TraceRatio", "1.5", "from 0 to 1")]
    [InlineData("TraceRatio", "-1", "from 0 to 1")]
    [InlineData("TraceRatio", "0.5", "Telemetry:Otlp as well")]
    [InlineData("Prometeus", "true", "the names are Otlp")]
    public void A_mistake_is_named_with_what_to_do(string name, string value, string says)
    {
        Read(out var errors, (name, value));
        errors.ShouldContain(e => e.StartsWith($"Telemetry:{name} ", StringComparison.Ordinal) && e.Contains(says, StringComparison.Ordinal), string.Join('\n', errors));
        errors.ShouldNotContain(e => e.Contains("secret", StringComparison.Ordinal));
    }

    private static TelemetryOptions Read(out List<string> errors, params (string Name, string Value)[] settings)
    {
        errors = [];
        return TelemetryReader.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("Telemetry:" + s.Name, (string?)s.Value))).Build().GetSection("Telemetry"),
            errors);
    }
}
