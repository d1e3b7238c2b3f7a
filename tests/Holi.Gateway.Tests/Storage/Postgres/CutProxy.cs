using System.Net;
using System.Net.Sockets;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>A way to Postgres that can lose what either side says, and be cut.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly HashSet<Socket> _open = [];
    private readonly int _target;
    private readonly Task _accepting;

    public CutProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>While true, what the gateway says is lost.</summary>
    public bool LosingQuestions { get; set; }

    /// <summary>While true, what Postgres says is lost.</summary>
    public bool LosingAnswers { get; set; }

    /// <summary>Resets every connection; those made afterwards are whole.</summary>
    public void Cut()
    {
        (LosingQuestions, LosingAnswers) = (false, false);
        lock (_open)
        {
            foreach (var socket in _open)
                socket.Close(0);
            _open.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var gateway = await _listener.AcceptSocketAsync(_ending.Token);
                var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                lock (_open)
                {
                    _open.Add(gateway);
                    _open.Add(server);
                }
                try
                {
                    await server.ConnectAsync(IPAddress.Loopback, _target, _ending.Token);
                }
                catch (SocketException)
                {
                    gateway.Close(0);
                    continue;
                }
                _ = PumpAsync(gateway, server, () => LosingQuestions);
                _ = PumpAsync(server, gateway, () => LosingAnswers);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // No more.
        }
    }

    private static async Task PumpAsync(Socket from, Socket to, Func<bool> isLost)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, SocketFlags.None) is var read and > 0)
            {
                if (!isLost())
                    await to.SendAsync(buffer.AsMemory(0, read), SocketFlags.None);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
        from.Close(0);
        to.Close(0);
    }
}
