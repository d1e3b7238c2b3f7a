using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Holi.Gateway.Ops.Telemetry;

/// <summary>
/// <c>/metrics</c>: where devices connect, or on an address of its own, which then answers nothing else. A connection of that address is marked as it is
/// accepted: what a request says about its host or port proves nothing.
/// </summary>
internal sealed class MetricsEndpoint(TelemetryOptions options)
{
    public const string Path = "/metrics";

    // One Prometheus, its twin, and an operator's browser; far above them.
    private const int ConnectionsMax = 64;

    private sealed class Mark;

    private static readonly Mark Scraped = new();

    private int _connections;

    /// <summary>Marks the connections of the own address.</summary>
    public void Configure(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => ServeAsync(connection, next));
    }

    /// <summary>Shows the metrics. Before any other endpoint.</summary>
    public void Map(WebApplication app)
    {
        if (!options.Prometheus)
            return;
        if (options.PrometheusUrl is null)
        {
            app.MapPrometheusScrapingEndpoint(Path);
            return;
        }
        app.MapWhen(context => context.Features.Get<Mark>() is not null, own =>
        {
            own.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == Path);
            own.Run(context =>
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        connection.Features.Set(Scraped);
        try
        {
            if (Interlocked.Increment(ref _connections) <= ConnectionsMax)
                await next(connection);
            else
                connection.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }
}
