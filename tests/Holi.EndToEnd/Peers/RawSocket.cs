using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Holi.Load.Gateways;
using Holi.Wire;

namespace Holi.EndToEnd.Peers;

/// <summary>A TCP connection to a gateway, for what no WebSocket library would send. It keeps nothing that it is told, and may outlive a test.</summary>
internal sealed class RawSocket : IDisposable
{
    public const string Upgrade =
        "GET /v1/ws HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: holi.v1\r\n\r\n";

    private const byte Mask = 0x5A;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <param name="receiveBytes">What the system keeps for a reader that does not read; 0: its own choice.</param>
    public static async Task<RawSocket> ConnectAsync(GatewayProcess gateway, int receiveBytes = 0)
    {
        var raw = new RawSocket();
        if (receiveBytes > 0)
            raw._socket.ReceiveBufferSize = receiveBytes;
        await raw._socket.ConnectAsync(IPAddress.Loopback, gateway.Endpoint.Port);
        return raw;
    }

    /// <summary>One whose WebSocket is open; Hello has not been said.</summary>
    /// <param name="gateway">Whose.</param>
    /// <param name="receiveBytes">As of <see cref="ConnectAsync"/>.</param>
    /// <param name="afterHttp">Whether an ordinary request is made on the connection first.</param>
    public static async Task<RawSocket> OpenAsync(GatewayProcess gateway, int receiveBytes = 0, bool afterHttp = false)
    {
        var raw = await ConnectAsync(gateway, receiveBytes);
        if (afterHttp)
        {
            // An answer without a body.
            await raw.SendAsync("GET /nowhere HTTP/1.1\r\nHost: gateway\r\n\r\n"u8.ToArray());
            (await raw.StatusAsync()).ShouldBe(404);
        }
        await raw.SendAsync(Encoding.ASCII.GetBytes(Upgrade));
        (await raw.StatusAsync()).ShouldBe(101);
        return raw;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes).AsTask().WaitAsync(Patience)..];
    }

    /// <summary>One WebSocket frame, masked, with this first byte (FIN, reserved bits, opcode).</summary>
    public Task FrameAsync(byte first, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[8 + payload.Length];
        (frame[0], frame[1]) = (first, 0x80 | 126);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        var start = 8;
        if (payload.Length < 126)
            (frame[1], start) = ((byte)(0x80 | payload.Length), 6);
        frame.AsSpan(start - 4, 4).Fill(Mask);
        for (var n = 0; n < payload.Length; n++)
            frame[start + n] = (byte)(payload[n] ^ Mask);
        return SendAsync(frame.AsMemory(0, start + payload.Length));
    }

    /// <summary>The status of an HTTP answer, whose head is read; 0 where the connection ended without one.</summary>
    public async Task<int> StatusAsync() => await HeadAsync() is { Length: > 12 } head ? int.Parse(head.AsSpan(9, 3), null) : 0;

    /// <summary>The head of an HTTP answer, its empty line included, or what came of it.</summary>
    public async Task<string> HeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await ReadAsync(one) == 1)
            head.Append((char)one[0]);
        return head.ToString();
    }

    /// <summary>Reads WebSocket frames until the gateway closes: with this code, 0 where it cut the connection.</summary>
    public async Task<int> CloseCodeAsync()
    {
        while (await NextAsync() is var (opcode, payload) && opcode != 0)
        {
            if (opcode == 8)
                return BinaryPrimitives.ReadUInt16BigEndian(payload);
        }
        return 0;
    }

    /// <summary>
    /// The gateway's next WebSocket frame; opcode 0 where the connection has ended. Each must be as a gateway sends them: whole, unmasked, without
    /// reserved bits, its length in the shortest form, a control frame at most 125 bytes.
    /// </summary>
    public async Task<(int Opcode, byte[] Payload)> NextAsync()
    {
        var header = new byte[2];
        if (await ReadAsync(header) < header.Length)
            return (0, []);
        (header[0] & 0xF0).ShouldBe(0x80, "FIN and no reserved bit");
        var (opcode, length) = (header[0] & 0x0F, (ulong)header[1]);
        if (length is 126 or 127)
        {
            var longer = new byte[8];
            await ReadAsync(longer.AsMemory(length == 126 ? 6 : 0));
            length = BinaryPrimitives.ReadUInt64BigEndian(longer);
            length.ShouldBeGreaterThan(header[1] == 126 ? 125UL : ushort.MaxValue);
        }
        length.ShouldBeLessThanOrEqualTo(opcode >= 8 ? 125UL : WireLimits.MessageBytesMax, "a frame of a gateway is not masked, and never larger");
        var payload = new byte[length];
        return await ReadAsync(payload) == payload.Length ? (opcode, payload) : (0, []);
    }

    /// <summary>Ends this side's half of the TCP connection.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The gateway has ended the whole of it.
        }
    }

    /// <summary>Waits until the gateway has ended the connection; whatever it says until then is dropped.</summary>
    public async Task EndedAsync()
    {
        var dropped = new byte[4096];
        while (await ReadAsync(dropped) == dropped.Length)
        {
            // Everything up to the end.
        }
    }

    public void Dispose() => _socket.Dispose();

    // How much came before the end, if that is less.
    private async Task<int> ReadAsync(Memory<byte> into)
    {
        var read = 0;
        try
        {
            while (read < into.Length)
            {
                var more = await _socket.ReceiveAsync(into[read..]).AsTask().WaitAsync(Patience);
                if (more == 0)
                    break;
                read += more;
            }
        }
        catch (SocketException)
        {
            // Reset: an end as well.
        }
        return read;
    }
}
