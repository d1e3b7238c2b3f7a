using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// The head of a request that asks for a WebSocket at <c>/v1/ws</c>, read strictly: whatever is not exactly as clients write it is left to the HTTP
/// layer, which knows every other form and every refusal. Pure.
/// </summary>
internal sealed class UpgradeRequest
{
    /// <summary>Bytes of a head; a longer one is the HTTP layer's.</summary>
    public const int HeadBytesMax = 4_096;

    private const int KeyBytes = 16;

    private UpgradeRequest()
    {
    }

    /// <summary>What every such request begins with.</summary>
    public static ReadOnlySpan<byte> RequestLine => "GET /v1/ws HTTP/1.1\r\n"u8;

    public static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>How long the head is.</summary>
    public int Bytes { get; private init; }

    public string Key { get; private set; } = "";

    public string? Origin { get; private set; }

    public string? ForwardedFor { get; private set; }

    /// <summary>Reads a head, its empty line included. Null where it is not one to take over.</summary>
    public static UpgradeRequest? TryRead(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith(RequestLine) || !head.EndsWith(HeadEnd))
            return null;
        var request = new UpgradeRequest { Bytes = head.Length };
        var seen = Seen.None;
        var lines = head[RequestLine.Length..^2];
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf("\r\n"u8);
            if (end <= 0 || !request.TryReadLine(lines[..end], ref seen))
                return null;
            lines = lines[(end + 2)..];
        }
        return seen.HasFlag(Seen.Required) ? request : null;
    }

    /// <summary>The answer that accepts it (RFC 6455 §4.2.2).</summary>
    public byte[] Accept()
    {
#pragma warning disable CA5350 // The handshake's own hash; nothing is protected by it.
        var hash = SHA1.HashData(Encoding.ASCII.GetBytes(Key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        return Encoding.ASCII.GetBytes(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Protocol: {UpgradeEndpoint.Subprotocol}\r\nSec-WebSocket-Accept: {Convert.ToBase64String(hash)}\r\n\r\n");
    }

    [Flags]
    private enum Seen
    {
        None = 0,
        Host = 1,
        Connection = 2,
        Upgrade = 4,
        Version = 8,
        Key = 16,
        Protocol = 32,
        Required = Host | Connection | Upgrade | Version | Key | Protocol,
        Origin = 64,
        ForwardedFor = 128,
    }

    private bool TryReadLine(ReadOnlySpan<byte> line, ref Seen seen)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) >= 0 || line[..colon].Contains((byte)' '))
            return false;
        var value = Encoding.ASCII.GetString(line[(colon + 1)..]).Trim(' ');
        var field = Encoding.ASCII.GetString(line[..colon]).ToUpperInvariant() switch
        {
            "HOST" => Seen.Host,
            "CONNECTION" when Has(value, "upgrade") => Seen.Connection,
            "UPGRADE" when value.Equals("websocket", StringComparison.OrdinalIgnoreCase) => Seen.Upgrade,
            "SEC-WEBSOCKET-VERSION" when value == "13" => Seen.Version,
            "SEC-WEBSOCKET-KEY" when IsKey(value) => Seen.Key,
            "SEC-WEBSOCKET-PROTOCOL" when Has(value, UpgradeEndpoint.Subprotocol) => Seen.Protocol,
            "ORIGIN" => Seen.Origin,
            "X-FORWARDED-FOR" => Seen.ForwardedFor,
            // A body, or a needed field that does not say what it must.
            "CONTENT-LENGTH" or "TRANSFER-ENCODING" or "CONNECTION" or "UPGRADE" or "SEC-WEBSOCKET-VERSION" or "SEC-WEBSOCKET-KEY"
                or "SEC-WEBSOCKET-PROTOCOL" => Seen.Required,
            _ => Seen.None,
        };
        if (field == Seen.Required || (field != Seen.None && seen.HasFlag(field)))
            return false;
        seen |= field;
        if (field == Seen.Key)
            Key = value;
        else if (field == Seen.Origin)
            Origin = value;
        else if (field == Seen.ForwardedFor)
            ForwardedFor = value;
        return true;
    }

    private static bool IsKey(string value) =>
        value.Length == 24 && Base64.IsValid(value, out var bytes) && bytes == KeyBytes;

    // Whether a comma-separated field names something. Protocols are told apart by case, options are not.
    private static bool Has(string value, string item)
    {
        var comparison = item == UpgradeEndpoint.Subprotocol ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        foreach (var range in value.AsSpan().Split(','))
        {
            if (value.AsSpan(range).Trim(' ').Equals(item, comparison))
                return true;
        }
        return false;
    }
}
