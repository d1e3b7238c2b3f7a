using System.Net;
using System.Net.Sockets;

namespace Holi.Load.Network;

/// <summary>
/// A network that can fail: forwards TCP to a server until it is told to cut, to swallow (half-open: bytes vanish and nobody is told), to be slow,
/// or to cut each new connection after so many bytes in one direction. Loopback only.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly HashSet<(Socket Device, Socket Gateway)> _pairs = [];
    private readonly int _port;
    private readonly Task _accepting;
    private volatile bool _swallowingUp;
    private volatile bool _swallowingDown;
    private volatile bool _refusing;
    private long _upBytesMax = long.MaxValue;
    private long _downBytesMax = long.MaxValue;
    private volatile bool _once;
    private int _cuts;

    /// <summary>In front of a gateway.</summary>
    public FaultProxy(Uri gateway)
        : this(gateway.Port) => Endpoint = new UriBuilder(gateway) { Host = "127.0.0.1", Port = Port }.Uri;

    /// <summary>In front of any server.</summary>
    public FaultProxy(int port)
    {
        _port = port;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Endpoint = new Uri($"tcp://127.0.0.1:{Port}");
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where to connect instead.</summary>
    public int Port { get; }

    /// <summary>Where devices connect instead of the gateway.</summary>
    public Uri Endpoint { get; }

    /// <summary>How long bytes are on their way, each time up to as long again; zero: no time.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Bytes a second in each direction of each connection; 0: as many as there are.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Bytes that went up and down since the start, over all connections.</summary>
    public (long Up, long Down) Bytes => (Interlocked.Read(ref _up), Interlocked.Read(ref _down));
    private long _up;
    private long _down;

    /// <summary>Cuts every connection now, as a dead network does: reset, without a word.</summary>
    public void CutAll()
    {
        lock (_pairs)
        {
            foreach (var (device, gateway) in _pairs)
            {
                Reset(device);
                Reset(gateway);
            }
            _pairs.Clear();
        }
    }

    /// <summary>While true, new connections are refused.</summary>
    public bool Refusing { get => _refusing; set => _refusing = value; }

    /// <summary>While true, bytes vanish and nobody is told.</summary>
    public bool Swallowing { get => _swallowingUp && _swallowingDown; set => _swallowingUp = _swallowingDown = value; }

    /// <summary>While true, what the gateway says vanishes: the device is heard and does not know it.</summary>
    public bool SwallowingDown { get => _swallowingDown; set => _swallowingDown = value; }

    /// <summary>How many connections were cut because they had used up their bytes.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Connections made from now on are cut after so many bytes from the device, or to it; what is over is not forwarded.</summary>
    public void CutAfter(long up = long.MaxValue, long down = long.MaxValue)
    {
        _once = false;
        Interlocked.Exchange(ref _upBytesMax, up);
        Interlocked.Exchange(ref _downBytesMax, down);
    }

    /// <summary>Only the next connection is cut after so many bytes; those after it are whole.</summary>
    public void CutNextAfter(long up = long.MaxValue, long down = long.MaxValue)
    {
        CutAfter(up, down);
        _once = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var device = await _listener.AcceptSocketAsync(_ending.Token);
                if (_refusing)
                    Reset(device);
                else
                    _ = Task.Run(() => ServeAsync(device));
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed: no further connections.
        }
    }

    private async Task ServeAsync(Socket device)
    {
        var gateway = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        device.NoDelay = true;
        var (upMax, downMax) = (Interlocked.Read(ref _upBytesMax), Interlocked.Read(ref _downBytesMax));
        if (_once)
            CutAfter();
        try
        {
            await gateway.ConnectAsync(IPAddress.Loopback, _port, _ending.Token);
            lock (_pairs)
                _pairs.Add((device, gateway));
            await Task.WhenAny(
                PumpAsync(device, gateway, upMax, up: true),
                PumpAsync(gateway, device, downMax, up: false));
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // The gateway is down: the device sees a reset.
        }
        lock (_pairs)
            _pairs.Remove((device, gateway));
        Reset(device);
        Reset(gateway);
    }

    private async Task PumpAsync(Socket from, Socket to, long bytesMax, bool up)
    {
        var buffer = new byte[16_384];
        try
        {
            while (bytesMax > 0)
            {
                var read = await from.ReceiveAsync(buffer, _ending.Token);
                if (read == 0)
                    return;
                var forward = (int)Math.Min(read, bytesMax);
                bytesMax -= forward;
                Interlocked.Add(ref up ? ref _up : ref _down, forward);
                await TravelAsync(forward);
                if (!(up ? _swallowingUp : _swallowingDown))
                    await to.SendAsync(buffer.AsMemory(0, forward), _ending.Token);
            }
            Interlocked.Increment(ref _cuts);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut: the other direction ends with it.
        }
    }

    private Task TravelAsync(int bytes)
    {
        var time = Delay * (1 + Random.Shared.NextDouble());
        if (BytesPerSecond > 0)
            time += TimeSpan.FromSeconds((double)bytes / BytesPerSecond);
        return time > TimeSpan.Zero ? Task.Delay(time, TimeProvider.System, _ending.Token) : Task.CompletedTask;
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Already closed.
        }
        socket.Dispose();
    }
}
