using System.Net;
using System.Net.Sockets;

namespace Holi.Load.Network;

/// <summary>
/// A slow link in front of a gateway: so many bits a second in each direction, and room for hardly anything while they wait. What does not fit into the
/// kernel's smallest buffers stays with its sender, as on a real link it would in the modem's queue: each side is pushed back as soon as the other has too much to say.
/// </summary>
internal sealed class SlowLink : IAsyncDisposable
{
    // TCP needs some room; a segment of Ethernet's size keeps loopback's 64 KiB ones from being sent whole.
    private const int BufferBytes = 2_048, SegmentBytes = 536, TcpMaxSegment = 2;
    // What is forwarded at a time takes so long: as fine as the runtime's timers are.
    private static readonly TimeSpan Grain = TimeSpan.FromMilliseconds(5), TimerLate = TimeSpan.FromMilliseconds(10);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _links = [];
    private readonly int _port;
    private readonly TimeProvider _time;
    private readonly Task _accepting;
    private long _up, _down;

    public SlowLink(Uri gateway, int kilobitsPerSecond, TimeProvider time)
    {
        (_port, _time) = (gateway.Port, time);
        BytesPerSecond = kilobitsPerSecond * 1000.0 / 8;
        Narrow(_listener);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Endpoint = new UriBuilder(gateway) { Port = ((IPEndPoint)_listener.LocalEndPoint!).Port }.Uri;
        _accepting = Task.Run(AcceptAsync);
    }

    public double BytesPerSecond { get; }

    /// <summary>Where devices connect instead of the gateway.</summary>
    public Uri Endpoint { get; }

    /// <summary>Bytes that went up and down so far.</summary>
    public (long Up, long Down) Bytes => (Interlocked.Read(ref _up), Interlocked.Read(ref _down));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_links);
        _ending.Dispose();
    }

    private static void Narrow(Socket socket)
    {
        socket.ReceiveBufferSize = socket.SendBufferSize = BufferBytes;
        socket.SetRawSocketOption((int)ProtocolType.Tcp, TcpMaxSegment, BitConverter.GetBytes(SegmentBytes));
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _links.Add(ServeAsync(await _listener.AcceptAsync(_ending.Token)));
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed: no further links.
        }
    }

    private async Task ServeAsync(Socket device)
    {
        using var gateway = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (device)
        {
            Narrow(gateway);
            gateway.NoDelay = device.NoDelay = true;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            try
            {
                await gateway.ConnectAsync(IPAddress.Loopback, _port, over.Token);
                await Task.WhenAny(ForwardAsync(device, gateway, up: true, over.Token), ForwardAsync(gateway, device, up: false, over.Token));
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                // The gateway is down, or the measure is over.
            }
            await over.CancelAsync();
        }
    }

    // A byte is forwarded when all before it, and it, have been on the link for their time.
    private async Task ForwardAsync(Socket from, Socket to, bool up, CancellationToken cancel)
    {
        var buffer = new byte[Math.Max(64, (int)(BytesPerSecond * Grain.TotalSeconds))];
        var free = _time.GetTimestamp();
        try
        {
            while (await from.ReceiveAsync(buffer, cancel) is var read and > 0)
            {
                // Where a timer was late the link makes up for it; where there was nothing to forward it does not.
                if (_time.GetElapsedTime(free) > TimerLate)
                    free = _time.GetTimestamp();
                free += (long)(read / BytesPerSecond * _time.TimestampFrequency);
                if (_time.GetElapsedTime(_time.GetTimestamp(), free) is var wait && wait >= TimeSpan.FromMilliseconds(1))
                    await Task.Delay(wait, _time, cancel);
                await to.SendAsync(buffer.AsMemory(0, read), cancel);
                Interlocked.Add(ref up ? ref _up : ref _down, read);
            }
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Over: the other direction ends with it.
        }
    }
}
