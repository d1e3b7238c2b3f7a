using System.Net;
using System.Net.Sockets;

namespace Holi.Load.Network;

/// <summary>
/// A network that can fail: forwards TCP to a server until it is told to cut, to swallow (half-open: bytes vanish and nobody is told), to be slow,
/// to cut each new connection after so many bytes in one direction, to leave connections behind at an old address, or to mix up WebSocket frames.
/// Loopback only.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    // 127.0.0.2 and up: a device whose address changed comes from the next one.
    private const int AddressesMost = 200;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly HashSet<ProxiedConnection> _connections = [];
    private readonly int _port;
    private readonly Task _accepting;
    private volatile bool _swallowingUp;
    private volatile bool _swallowingDown;
    private volatile bool _refusing;
    private volatile bool _mixing;
    private long _upBytesMax = long.MaxValue;
    private long _downBytesMax = long.MaxValue;
    private volatile bool _once;
    private int _cuts;
    private int _address = 1;

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

    /// <summary>While true, new connections are refused.</summary>
    public bool Refusing { get => _refusing; set => _refusing = value; }

    /// <summary>While true, bytes vanish and nobody is told. A connection of which some vanished is dead for good.</summary>
    public bool Swallowing { get => _swallowingUp && _swallowingDown; set => _swallowingUp = _swallowingDown = value; }

    /// <summary>While true, what the gateway says vanishes: the device is heard and does not know it.</summary>
    public bool SwallowingDown { get => _swallowingDown; set => _swallowingDown = value; }

    /// <summary>While true, what the device says vanishes: it is told everything and is not heard.</summary>
    public bool SwallowingUp { get => _swallowingUp; set => _swallowingUp = value; }

    /// <summary>While true, connections are made whose WebSocket frames come twice, or in another order, now and then (<see cref="FrameMixer"/>).</summary>
    public bool Mixing { get => _mixing; set => _mixing = value; }

    /// <summary>Looks at what the server says; where it returns true, that is not forwarded, and the connection is cut. From any thread.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? Withhold { get; set; }

    /// <summary>How many connections were cut because they had used up their bytes.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Cuts every connection now, as a dead network does: reset, without a word.</summary>
    public void CutAll()
    {
        foreach (var connection in TakeAll())
            connection.Cut();
    }

    /// <summary>
    /// The devices' address changes: what they have open is led nowhere any more, and neither side is told; what they open from now on comes from another
    /// address.
    /// </summary>
    public void ChangeAddress()
    {
        Interlocked.Increment(ref _address);
        lock (_connections)
        {
            foreach (var connection in _connections)
                connection.IsStranded = true;
        }
    }

    /// <summary>
    /// The network is whole again. TCP would send what was lost once more; a proxy that has swallowed it cannot, so what has lost something is cut, and is not
    /// taken for whole until a heartbeat says otherwise.
    /// </summary>
    public void CutWhatLost()
    {
        ProxiedConnection[] lost;
        lock (_connections)
            lost = [.. _connections.Where(connection => connection.HasLost || connection.IsStranded)];
        foreach (var connection in lost)
            connection.Cut();
    }

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

    internal void Count(int bytes, bool up) => Interlocked.Add(ref up ? ref _up : ref _down, bytes);

    internal void CountCut() => Interlocked.Increment(ref _cuts);

    internal static void Reset(Socket socket)
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

    private ProxiedConnection[] TakeAll()
    {
        lock (_connections)
        {
            ProxiedConnection[] all = [.. _connections];
            _connections.Clear();
            return all;
        }
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
        var connection = new ProxiedConnection(this, device, gateway, Interlocked.Read(ref _upBytesMax), Interlocked.Read(ref _downBytesMax), _mixing);
        if (_once)
            CutAfter();
        try
        {
            var address = Volatile.Read(ref _address);
            if (address > 1)
                gateway.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(1 + (address % AddressesMost))]), 0));
            await gateway.ConnectAsync(IPAddress.Loopback, _port, _ending.Token);
            lock (_connections)
                _connections.Add(connection);
            await connection.RunAsync(_ending.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // The gateway is down: the device sees a reset.
        }
        lock (_connections)
            _connections.Remove(connection);
        connection.Cut();
    }
}
