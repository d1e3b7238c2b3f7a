using System.Collections.Concurrent;
using System.Net;
using Holi.Servers;

namespace Holi.EndToEnd.Operations;

/// <summary>A collector of OpenTelemetry data: takes OTLP over HTTP in protobuf, as the specification says, and keeps what came.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly HttpListener _http = new();
    private readonly ConcurrentQueue<(string Path, string? Type, byte[] Body)> _came = new();
    private readonly Task _serving;

    public OtlpCollector()
    {
        Address = $"http://127.0.0.1:{ServerProcess.FreePort()}/";
        _http.Prefixes.Add(Address);
        _http.Start();
        _serving = Task.Run(ServeAsync);
    }

    public string Address { get; }

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

    public async ValueTask DisposeAsync()
    {
        _http.Stop();
        await _serving;
        _http.Close();
    }

    private IEnumerable<ProtobufMessage> Bodies(string path) => _came.Where(request => request.Path == path).Select(request => ProtobufMessage.Of(request.Body));

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _http.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _came.Enqueue((context.Request.Url!.AbsolutePath, context.Request.ContentType, body.ToArray()));
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
        catch (Exception over) when (over is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }
}

/// <summary>A span, as far as tests look at it.</summary>
internal sealed record OtlpSpan(string Name, string Trace, string Id, string Parent, IReadOnlyList<(string Trace, string Span)> Links)
{
    public static OtlpSpan Read(ProtobufMessage span) => new(
        span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4), [.. span.Messages(13).Select(link => (link.Hex(1), link.Hex(2)))]);
}
