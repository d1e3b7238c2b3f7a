using System.Net;
using Holi.Gateway.Ops;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>Who may have a socket: the same for both ways in.</summary>
internal sealed class UpgradeGate(GatewayNode node, HoliOptions options)
{
    /// <summary>True where a page of this origin may connect (none: not a page), and the gateway is not about to stop.</summary>
    public bool IsOpenTo(string? origin) => !node.IsDraining && IsAllowed(origin);

    /// <summary>Lets a request in. False: it is the HTTP layer's to refuse, in its words. <paramref name="counted"/>: the address under which it is counted.</summary>
    public bool TryAdmit(UpgradeRequest request, IPAddress? remote, out IPAddress counted)
    {
        counted = IPAddress.None;
        return IsOpenTo(request.Origin) && node.Admissions.TryEnter(AddressOf(remote, request.ForwardedFor), out counted, out _);
    }

    public bool IsAllowed(string? origin)
    {
        if (origin is null)
            return true;
        foreach (var allowed in options.AllowedOrigins)
        {
            if (allowed == "*" || string.Equals(allowed, origin, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Whose connection it is. Behind a proxy all come from its address; the last entry of the header is the one it wrote itself.</summary>
    public IPAddress? AddressOf(IPAddress? address, string? forwardedFor)
    {
        if (address is null || forwardedFor is null || options.TrustedProxies.Count == 0)
            return address;
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (!options.TrustedProxies.Contains(plain))
            return address;
        return IPAddress.TryParse(forwardedFor.AsSpan(forwardedFor.LastIndexOf(',') + 1).Trim(), out var behind) ? behind : address;
    }
}
