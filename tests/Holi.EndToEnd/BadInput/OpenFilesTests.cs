using System.Net;
using System.Net.Sockets;
using System.Text;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.BadInput;

/// <summary>Invariant B: more sockets than the system has files for cost those who open them.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class OpenFilesTests
{
    private const int Files = 500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_without_a_file_left_for_another_socket_lives_and_serves_who_comes_when_there_is_room()
    {
        using var folder = new TempFolder();
        var limited = Path.Combine(folder.Path, "gateway");
        await File.WriteAllTextAsync(limited, $"#!/bin/sh\nulimit -n {Files}\nexec dotnet {await GatewayProcess.FindAsync(Cancel)}\n", Cancel);
        File.SetUnixFileMode(limited, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var gateway = await GatewayProcess.StartAsync(limited, TimeProvider.System, Cancel);
        var crowd = new List<Socket>();
        for (var n = 0; n < 2 * Files; n++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            crowd.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, gateway.Endpoint.Port, Cancel);
        }
        // Those that were not turned away say half of something, so that the gateway must hold them.
        foreach (var socket in crowd)
            await TrySendAsync(socket);
        foreach (var socket in crowd)
            socket.Dispose();

        await Eventually.HoldsAsync(() => IsReadyAsync(gateway), "the gateway lives, and answers once the crowd has gone");
    }

    private static async Task TrySendAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /healthz/ready HTTP/1.1\r\n"), Cancel);
        }
        catch (SocketException)
        {
            // Turned away.
        }
    }

    private static async Task<bool> IsReadyAsync(GatewayProcess gateway)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{gateway.Endpoint.Port}/healthz/ready"), Cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !Cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
