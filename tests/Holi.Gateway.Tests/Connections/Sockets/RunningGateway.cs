using System.Net.WebSockets;
using Holi.Gateway.Auth;
using Holi.Gateway.Ops;
using Holi.Gateway.Tests.Storage;
using Microsoft.Extensions.Configuration;

namespace Holi.Gateway.Tests.Connections.Sockets;

/// <summary>A gateway with real sockets on a port of its own and a log in a folder of its own.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HoliOptions _options;

    public RunningGateway(params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["DataFolder"] = _folder.Path,
                ["Urls"] = "http://127.0.0.1:0",
                ["Logging:LogLevel:Default"] = "Warning",
            }.Concat(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))).Build();
        _options = OptionsReader.Read(configuration, out var errors);
        errors.ShouldBeEmpty();
        Host = GatewayHost.Build(_options, configuration, TimeProvider.System);
    }

    public GatewayHost Host { get; }

    public string DatabasePath => _options.DatabasePath;

    public Uri Http => new(Host.Urls[0]);

    public static async Task<RunningGateway> StartAsync(params (string Name, string Value)[] settings)
    {
        var gateway = new RunningGateway(settings);
        await gateway.Host.StartAsync(CancellationToken.None);
        return gateway;
    }

    public string Token(string user, TimeSpan? lifetime = null, string? scopes = null) => TokenMaker.Make(
        Host.Keys.Shared!, _options.Auth.Rules, user, null, scopes, lifetime ?? TimeSpan.FromHours(1), TimeProvider.System);

    public async Task<ClientWebSocket> ConnectAsync(Action<ClientWebSocketOptions>? change = null, string path = "/v1/ws")
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("holi.v1");
        change?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri($"ws://{Http.Authority}{path}"), TestContext.Current.CancellationToken);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}
