using System.Diagnostics;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Rfc6455.Peers;

/// <summary>Others' WebSockets against the gateway's: Hello and Welcome, messages whole and in fragments, pings, and both orders of the close.</summary>
public sealed class PeerTests(SharedGateway shared)
{
    private static string Script(string name) => Path.Combine(Checkout.Folder, "tests", "strangers", name);

    [Fact]
    public async Task Node_s_ws() =>
        (await RunAsync("node", Script("websocket-peer.mjs"))).ShouldBe(Found.Right("between"));

    [Fact]
    public async Task Python_s_websockets() =>
        // Debian's Python: its packages belong to no other that may stand before it on the path.
        (await RunAsync("/usr/bin/python3", Script("websocket-peer.py"))).ShouldBe(Found.Right("ping"));

    [Fact]
    public async Task NET_s_ClientWebSocket()
    {
        var gateway = await shared.StartedAsync();
        using var handler = new SocketsHttpHandler();
        (await ClientWebSocketPeer.FindAsync(gateway, handler)).ShouldBe(Found.Right(null));
    }

    [Fact]
    public async Task NET_s_ClientWebSocket_on_a_connection_that_was_used_for_HTTP()
    {
        var gateway = await shared.StartedAsync();
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (target, cancel) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(target.DnsEndPoint, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler, disposeHandler: false);
        var live = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/healthz/live" }.Uri;
        (await http.GetStringAsync(live, TestContext.Current.CancellationToken)).ShouldBe("live\n");

        (await ClientWebSocketPeer.FindAsync(gateway, handler)).ShouldBe(Found.Right(null));
        connections.ShouldBe(2, "the first socket took over the connection that was there; only the second needed another");
    }

    [Fact]
    public async Task Chromium_s()
    {
        // A page of any origin may connect to this one.
        await using var gateway = await Holi.Load.Gateways.GatewayProcess.StartAsync(
            null, TimeProvider.System, TestContext.Current.CancellationToken, new Dictionary<string, string> { ["AllowedOrigins__0"] = "*" });
        (await ChromiumPeer.FindAsync(gateway, await File.ReadAllTextAsync(Script("websocket-peer.html"), TestContext.Current.CancellationToken)))
            .ShouldBe(Found.Right(null));
    }

    private async Task<Found> RunAsync(string program, string script)
    {
        var gateway = await shared.StartedAsync();
        var start = new ProcessStartInfo(program, [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(Found.Given(gateway));
            process.StandardInput.Close();
            var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
            process.ExitCode.ShouldBe(0, $"{await complained} (./test.sh installs what it needs)");
            return Found.Of(await said);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
