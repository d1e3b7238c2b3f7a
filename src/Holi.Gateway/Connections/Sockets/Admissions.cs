using System.Net;
using System.Net.Sockets;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// Who may still open a socket: connections in all, and those that have not said a good Hello yet, in all and for each address. An IPv6
/// address counts with its /64, which is what one subscriber has. Thread-safe.
/// </summary>
public sealed class Admissions(GatewayLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _unauthenticated = [];
    private int _unauthenticatedInAll;
    private int _connections;

    public int Connections => Volatile.Read(ref _connections);

    public int Unauthenticated => Volatile.Read(ref _unauthenticatedInAll);

    /// <summary>Lets a socket in, or gives the HTTP status to refuse it with. <paramref name="counted"/>: the address under which it is counted.</summary>
    public bool TryEnter(IPAddress? address, out IPAddress counted, out int refusal)
    {
        counted = Counted(address);
        lock (_lock)
        {
            var here = _unauthenticated.GetValueOrDefault(counted);
            refusal = _connections >= limits.ConnectionsMax || _unauthenticatedInAll >= limits.UnauthenticatedMax
                ? StatusCodes.Status503ServiceUnavailable
                : here >= limits.UnauthenticatedPerAddress ? StatusCodes.Status429TooManyRequests : 0;
            if (refusal != 0)
                return false;
            _connections++;
            _unauthenticatedInAll++;
            _unauthenticated[counted] = here + 1;
            return true;
        }
    }

    /// <summary>Its Hello was good.</summary>
    public void Authenticated(IPAddress counted)
    {
        lock (_lock)
        {
            _unauthenticatedInAll--;
            var left = _unauthenticated[counted] - 1;
            if (left == 0)
                _unauthenticated.Remove(counted);
            else
                _unauthenticated[counted] = left;
        }
    }

    /// <summary>The socket is over.</summary>
    public void Leave(IPAddress counted, bool wasAuthenticated)
    {
        lock (_lock)
            _connections--;
        if (!wasAuthenticated)
            Authenticated(counted);
    }

    private static IPAddress Counted(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }
}
