using System.Net;
using System.Net.Sockets;
using Holi.CoPilot.Notes;
using Holi.Gateway.Auth;
using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Connections;
using Holi.Gateway.Connections.Sockets;
using Holi.Gateway.Ingress.Http;
using Holi.Gateway.Ingress.Redis;
using Holi.Gateway.Ingress.Sql;
using Holi.Gateway.Notes;
using Holi.Gateway.Ops.Telemetry;
using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;
using Holi.Gateway.Storage.Sqlite;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Holi.Gateway.Ops;

/// <summary>
/// A gateway as a web server: built of checked options, started, drained, disposed. Tests start one in their own process; the program starts
/// one for good.
/// </summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HoliOptions _options;
    private readonly ILogStore _store;
    private readonly NoteWriting _notes;
    private readonly ILogger _log;

    private GatewayHost(WebApplication app, HoliOptions options, ILogStore store, GatewayNode node, NoteWriting notes, TokenKeys keys, ILogger log) =>
        (_app, _options, _store, Node, _notes, Keys, _log) = (app, options, store, node, notes, keys, log);

    public GatewayNode Node { get; }

    public TokenKeys Keys { get; }

    /// <summary>Where devices connect; known once it was started.</summary>
    public IReadOnlyList<string> Urls => [.. _app.Urls.Take(_options.Urls.Count)];

    /// <summary>Where metrics are shown; null where they are not. Known once it was started.</summary>
    public string? MetricsUrl => !_options.Telemetry.Prometheus ? null
        : (_options.Telemetry.PrometheusUrl is null ? _app.Urls.First() : _app.Urls.Last()).TrimEnd('/') + MetricsEndpoint.Path;

    /// <param name="options">Checked.</param>
    /// <param name="settings">For logging only.</param>
    /// <param name="time">The system's, except in tests.</param>
    public static GatewayHost Build(HoliOptions options, IConfiguration settings, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            // Options are read once, so no file needs to be watched.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Logging.ClearProviders().AddConfiguration(settings.GetSection("Logging"))
            // Everything to stderr: stdout belongs to what a command was asked for.
            .AddSimpleConsole(console => console.SingleLine = true)
            .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
                console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        UpgradeMiddleware? upgrades = null;
        var metrics = new MetricsEndpoint(options.Telemetry);
        TelemetryExport.Add(builder.Services, options.Telemetry, usesPostgres: options.Postgres is not null);
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options, metrics, () => upgrades!));
        SocketTakeover? takeover = null;
        // Behind Kestrel's own transport: of several that can listen somewhere, the last one does.
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new DeviceListenerFactory(
            () => takeover!, time, services.GetRequiredService<ILoggerFactory>().CreateLogger("Holi.Gateway.Connections")));
        var app = builder.Build();
        var logs = app.Services.GetRequiredService<ILoggerFactory>();

        var revoked = new RevokedTokens(options.Limits.RevokedTokens);
        var keys = Signing.KeysOf(options);
        var tokens = new TokenVerifier(keys, options.Auth.Rules, revoked, time);
        ILogStore store = options.Postgres is { } postgres
            ? new PostgresLogStore(postgres, time)
            : new SqliteLogStore(new SqliteOptions { Path = options.DatabasePath, Restored = options.Restored }, time);
        var traces = options.Telemetry.TraceRatio > 0 ? new MessageTraces(options.Telemetry.TraceRatio, time) : null;
        var node = new GatewayNode(
            options.Limits, store, tokens, revoked, time, logs, ClusterOf(options, time, logs),
            logName: options.Postgres is null ? "sqlite" : "postgres", traces);
        if (store is PostgresLogStore shared)
        {
            node.Backends.Add(new OutboxRoad(
                shared.OpenOutbox(), options.Limits, time, logs.CreateLogger("Holi.Gateway.Ingress"),
                node.Health.Add(OutboxRoad.DependencyName, isRequired: false)));
        }
        if (options.Redis is { } redis)
        {
            node.Backends.Add(new RedisRoad(
                redis, options.Limits, time, logs.CreateLogger("Holi.Gateway.Ingress"), node.Health.Add(RedisRoad.DependencyName, isRequired: false)));
        }
        var gate = new UpgradeGate(node, options);
        upgrades = new UpgradeMiddleware(gate, node, time);
        takeover = new SocketTakeover(gate, node, time, logs.CreateLogger("Holi.Gateway.Connections"));
        metrics.Map(app);
        var notes = NoteWriting.Of(options, time, logs);
        Map(app, node, notes.Writer, gate, revoked, time, logs);
        return new GatewayHost(app, options, store, node, notes, keys, logs.CreateLogger("Holi.Gateway"));
    }

    /// <summary>Opens the log and listens.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be opened.</exception>
    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        await Node.StartAsync(cancel);
        _notes.Start();
        if (WhyReset() is { } why)
            GatewayLog.Restored(_log, why);
        if (_store is PostgresLogStore { IsDurable: false })
            GatewayLog.NotDurable(_log);
        await _app.StartAsync(cancel);
        GatewayLog.Started(_log, GatewayVersion.Text, string.Join(' ', Urls), _options.DataFolder, _options.LogPlace);
    }

    /// <summary>Calls <paramref name="act"/> once when the process is told to stop (SIGTERM, SIGINT).</summary>
    public void OnStopAsked(Action act) => _app.Lifetime.ApplicationStopping.Register(act);

    /// <summary>Drains (§12) and stops listening.</summary>
    public async Task StopAsync()
    {
        GatewayLog.Draining(_log, Node.Admissions.Connections);
        using var limit = new CancellationTokenSource(_options.Limits.StopTimeout, TimeProvider.System);
        await Node.DrainAsync(limit.Token);
        GatewayLog.Stopped(_log, Node.Committer.Counts.Batches, Node.Admissions.Connections);
        await _app.StopAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        TelemetryExport.Flush(_app.Services);
        await Node.DisposeAsync();
        await _app.DisposeAsync();
        await _notes.DisposeAsync();
    }

    // Only a log that can be shared is: SQLite's is this gateway's own, and nobody has anything to tell it.
    private static ClusterSetup? ClusterOf(HoliOptions options, TimeProvider time, ILoggerFactory logs)
    {
        if (options.Postgres is null)
            return null;
        if (options.Redis is not { } redis)
            return new ClusterSetup(new NoLine());
        var connection = new RedisConnection(redis, "holi", time, logs.CreateLogger("Holi.Gateway.Cluster"));
        return new ClusterSetup(new RedisLine(connection, redis, options.Limits.Cluster, time));
    }

    private string? WhyReset() => _store switch
    {
        PostgresLogStore postgres => postgres.WhyReset,
        SqliteLogStore { WasRestored: true } => "it was restored from an earlier state",
        _ => null,
    };

    private static void Map(
        WebApplication app, GatewayNode node, NoteWriter notes, UpgradeGate gate, RevokedTokens revoked, TimeProvider time, ILoggerFactory logs)
    {
        var upgrade = new UpgradeEndpoint(gate, node, logs.CreateLogger("Holi.Gateway.Connections"));
        var ops = new OpsEndpoints(node, notes, revoked, time, logs.CreateLogger("Holi.Gateway.Ops"));
        app.UseWebSockets();
        app.Map("/v1/ws", (RequestDelegate)upgrade.HandleAsync);
        app.MapGet("/healthz/live", (RequestDelegate)OpsEndpoints.LiveAsync);
        app.MapGet("/healthz/ready", (RequestDelegate)ops.ReadyAsync);
        app.MapGet("/v1/status", (RequestDelegate)ops.StatusAsync);
        app.MapPost("/v1/revoke", (RequestDelegate)ops.RevokeAsync);
        var publish = new PublishEndpoint(node, time);
        app.MapPost("/v1/publish", (RequestDelegate)publish.PublishAsync);
        app.MapDelete("/v1/publish/{key}", (RequestDelegate)publish.CancelAsync);
        app.MapPost("/v1/notes", (RequestDelegate)new NotesEndpoint(node, notes, time).WriteAsync);
    }

    private static void Configure(KestrelServerOptions kestrel, HoliOptions options, MetricsEndpoint metrics, Func<UpgradeMiddleware> upgrades)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        // A slow or huge handshake costs its sender patience and this gateway little.
        limits.RequestHeadersTimeout = options.Limits.HandshakeTimeout;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestLineSize = 4 * 1024;
        limits.MaxRequestBodySize = 64 * 1024;
        limits.MaxResponseBufferSize = DeviceListenerFactory.UnsentBytesMax;
        foreach (var url in options.Urls)
            Listen(kestrel, url, (address, port) => new DeviceEndPoint(address, port), listen => ConfigureSocket(listen, upgrades));
        // Last: the addresses of the devices come first wherever they are listed.
        if (options.Telemetry.PrometheusUrl is { } own)
            Listen(kestrel, own, (address, port) => new IPEndPoint(address, port), metrics.Configure);
    }

    private static void Listen(
        KestrelServerOptions kestrel, Uri url, Func<IPAddress, int, IPEndPoint> place, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address))
            kestrel.Listen(place(address, url.Port), configure);
        else if (url.IsLoopback)
            kestrel.ListenLocalhost(url.Port, configure);
        else
            kestrel.Listen(place(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, url.Port), configure);
    }

    private static void ConfigureSocket(ListenOptions listen, Func<UpgradeMiddleware> upgrades)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => upgrades().ServeAsync(connection, next));
    }
}
