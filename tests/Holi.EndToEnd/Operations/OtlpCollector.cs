using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Holi.EndToEnd.Operations;

/// <summary>A collector of OpenTelemetry data: takes OTLP over HTTP in protobuf, as the specification says, and keeps what came.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _http;
    private readonly ConcurrentQueue<(string Path, string? Type, byte[] Body)> _came = new();

    private OtlpCollector(WebApplication http)
    {
        _http = http;
        _http.Run(KeepAsync);
    }

    /// <summary>A collector that listens on a port which the system chose.</summary>
    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        await collector._http.StartAsync();
        return collector;
    }

    public string Address => _http.Urls.Single() + "/";

    /// <summary>Everything that came, as it came.</summary>
    public IReadOnlyList<(string Path, string? Type, byte[] Body)> Came => [.. _came];

    /// <summary>The names of all metrics that came.</summary>
    public IReadOnlySet<string> Metrics => Bodies("/v1/metrics")
        .SelectMany(request => request.Messages(1)).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2))
        .Select(metric => metric.Text(1)).ToHashSet();

    /// <summary>All spans that came.</summary>
    public IReadOnlyList<OtlpSpan> Spans => [.. Bodies("/v1/traces")
        .SelectMany(request => request.Messages(1)).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2))
        .Select(OtlpSpan.Read)];

    public ValueTask DisposeAsync() => _http.DisposeAsync();

    private IEnumerable<ProtobufMessage> Bodies(string path) => _came.Where(request => request.Path == path).Select(request => ProtobufMessage.Of(request.Body));

    private async Task KeepAsync(HttpContext request)
    {
        using var body = new MemoryStream();
        await request.Request.Body.CopyToAsync(body);
        _came.Enqueue((request.Request.Path, request.Request.ContentType, body.ToArray()));
        request.Response.ContentType = "application/x-protobuf";
    }
}

/// <summary>A span, as far as tests look at it.</summary>
internal sealed record OtlpSpan(string Name, string Trace, string Id, string Parent, IReadOnlyList<(string Trace, string Span)> Links)
{
    public static OtlpSpan Read(ProtobufMessage span) => new(
        span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4), [.. span.Messages(13).Select(link => (link.Hex(1), link.Hex(2)))]);
}
