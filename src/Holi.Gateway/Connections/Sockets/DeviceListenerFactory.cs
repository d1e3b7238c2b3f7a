using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>An address where devices connect: what marks it for <see cref="DeviceListenerFactory"/>.</summary>
internal sealed class DeviceEndPoint(IPAddress address, int port) : IPEndPoint(address, port);

/// <summary>Kestrel's transport for this gateway: Kestrel's own, behind a <see cref="DeviceListener"/>.</summary>
/// <param name="takeover">Asked for when the first address is listened on.</param>
/// <param name="time">The gateway's.</param>
/// <param name="log">For faults.</param>
internal sealed class DeviceListenerFactory(Func<SocketTakeover> takeover, TimeProvider time, ILogger log)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Everybody who comes back at once waits here until accepted; the system cuts it down to its own limit (net.core.somaxconn).
    private const int Backlog = 4096;

    /// <summary>Of what is handed to the kernel, this much may be unsent: more would stand in front of whatever becomes urgent (5.1).</summary>
    public const int UnsentBytesMax = 16 * 1024;

    private const int IpProtoTcp = 6, TcpNotSentLowAt = 25;

    /// <summary>Any other address (metrics on one of their own, a name) is listened on by Kestrel itself.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint is DeviceEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listening = Listen(endpoint);
        var http = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions { MaxWriteBufferSize = UnsentBytesMax, UnsafePreferInlineScheduling = true }, log);
        return new(new DeviceListener(listening, takeover(), http, time, log));
    }

    // What is set on the listening socket is set on those that it accepts.
    private static Socket Listen(EndPoint endpoint)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.NoDelay = true;
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
                LimitUnsent(socket);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket?.Dispose();
            throw new AddressInUseException(e.Message, e);
        }
    }

    private static void LimitUnsent(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(value, UnsentBytesMax);
        socket.SetRawSocketOption(IpProtoTcp, TcpNotSentLowAt, value);
    }
}
