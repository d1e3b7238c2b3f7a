using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Holi.Load.Network;

/// <summary>
/// Connects from one of this machine's many loopback addresses, 127.0.0.1 and up. One address has some 28,000 ports for one server, and a gateway lets
/// only so many unknown connections of one address in at a time, as a clinic behind one address would have.
/// </summary>
internal static class LoopbackAddresses
{
    private const int AddressesMost = 200;

    private static readonly ConcurrentDictionary<int, HttpMessageInvoker> Invokers = [];

    /// <summary>An invoker for WebSockets from the address with this number; all of an address share one.</summary>
    public static HttpMessageInvoker From(int number) => Invokers.GetOrAdd(number % AddressesMost, Create);

    private static HttpMessageInvoker Create(int number)
    {
        var from = new IPEndPoint(new IPAddress([127, 0, 0, (byte)(1 + number)]), 0);
        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    if (number > 0)
                        socket.Bind(from);
                    await socket.ConnectAsync(context.DnsEndPoint, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        });
    }
}
