using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Holi.Peers.Servers;

/// <summary>
/// The same as <see cref="RawServer"/> by somebody in a hurry: WebSocket frames of its own over Kestrel's upgraded stream, a message framed once for its
/// whole room, and everything that waits for a member leaving in one write. Reads what this driver's client sends and no more: it is no model to follow.
/// </summary>
internal static class CoalescedServer
{
    /// <summary>What may wait for one member; a slower one is cut.</summary>
    private const int WaitingBytesMax = 64 << 20;

    private const int BufferBytes = 4_096;

    private static readonly byte[] In = Frame("!"u8), Taken = Frame("+"u8);

    private sealed class Member(Stream stream, bool hearsItself, bool acknowledge)
    {
        private readonly Lock _lock = new();
        private ArrayBufferWriter<byte> _next = new(256), _leaving = new(256);
        private bool _isSending;

        public Stream Stream => stream;

        public bool HearsItself => hearsItself;

        public bool Acknowledge => acknowledge;

        public void Send(ReadOnlySpan<byte> frame)
        {
            lock (_lock)
            {
                if (_next.WrittenCount < WaitingBytesMax)
                    _next.Write(frame);
                if (_isSending)
                    return;
                _isSending = true;
            }
            _ = DrainAsync();
        }

        private async Task DrainAsync()
        {
            try
            {
                while (true)
                {
                    lock (_lock)
                    {
                        _leaving.ResetWrittenCount();
                        if (_next.WrittenCount == 0)
                        {
                            _isSending = false;
                            return;
                        }
                        (_next, _leaving) = (_leaving, _next);
                    }
                    await stream.WriteAsync(_leaving.WrittenMemory);
                }
            }
            catch (Exception gone) when (gone is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                // Its own loop ends it.
            }
        }
    }

    public static Task RunAsync(int port)
    {
        var rooms = new Rooms<Member>();
        return Web.RunAsync(port, _ => { }, app => app.Map("/raw", context => ServeAsync(context, rooms)));
    }

    private static async Task ServeAsync(HttpContext context, Rooms<Member> rooms)
    {
        var query = context.Request.Query;
        var room = query["room"].ToString();
#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; nothing is protected by it.
        var accept = SHA1.HashData(Encoding.ASCII.GetBytes(context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(accept);
        await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        var member = new Member(stream, query["echo"] == "1", query["ack"] == "1");
        rooms.Join(room, member);
        try
        {
            member.Send(In);
            await ReadAsync(member, room, rooms);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // Cut, as every connection here in the end.
        }
        finally
        {
            rooms.Leave(room, member);
        }
    }

    private static async Task ReadAsync(Member member, string room, Rooms<Member> rooms)
    {
        var (buffer, kept) = (new byte[BufferBytes], 0);
        while (await member.Stream.ReadAsync(buffer.AsMemory(kept)) is var count and > 0)
        {
            kept += count;
            var taken = 0;
            while (TryTake(buffer.AsSpan(taken, kept - taken), out var length, out var frame))
            {
                taken += length;
                Say(member, frame, rooms.Of(room));
            }
            buffer.AsSpan(taken, kept - taken).CopyTo(buffer);
            kept -= taken;
        }
    }

    private static void Say(Member member, byte[] frame, Member[] room)
    {
        foreach (var other in room)
        {
            if (other != member || member.HearsItself)
                other.Send(frame);
        }
        if (member.Acknowledge)
            member.Send(Taken);
    }

    // A masked frame of less than 64 KB, unmasked and framed again.
    private static bool TryTake(ReadOnlySpan<byte> bytes, out int length, out byte[] frame)
    {
        (length, frame) = (0, []);
        if (bytes.Length < 2)
            return false;
        var (header, size) = (2, bytes[1] & 0x7F);
        if (size == 126)
        {
            if (bytes.Length < 4)
                return false;
            (header, size) = (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
        }
        if (bytes.Length < header + 4 + size)
            return false;
        length = header + 4 + size;
        var mask = bytes.Slice(header, 4);
        var payload = bytes.Slice(header + 4, size).ToArray();
        for (var n = 0; n < size; n++)
            payload[n] ^= mask[n & 3];
        frame = Frame(payload);
        return true;
    }

    private static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        var header = payload.Length < 126 ? 2 : 4;
        var frame = new byte[header + payload.Length];
        frame[0] = 0x82;
        frame[1] = (byte)(header == 2 ? payload.Length : 126);
        if (header == 4)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        payload.CopyTo(frame.AsSpan(header));
        return frame;
    }
}
