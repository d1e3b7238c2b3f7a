using System.Net.WebSockets;

namespace Holi.Peers.Servers;

/// <summary>
/// What a careful programmer writes in an afternoon on ASP.NET Core's WebSockets: a held buffer of 4 KB, one send at a time for each socket, a message
/// passed on to all of its room. No queue: a slow reader makes its room wait.
/// </summary>
internal static class RawServer
{
    private const int BufferBytes = 4_096;

    private static readonly byte[] In = "!"u8.ToArray(), Taken = "+"u8.ToArray();

    private sealed class Member(WebSocket socket, bool hearsItself, bool acknowledge) : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);

        public WebSocket Socket => socket;

        public bool HearsItself => hearsItself;

        public bool Acknowledge => acknowledge;

        public async ValueTask SendAsync(ReadOnlyMemory<byte> text)
        {
            await _turn.WaitAsync();
            try
            {
                if (socket.State == WebSocketState.Open)
                    await socket.SendAsync(text, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);
            }
            catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Its own loop ends it.
            }
            finally
            {
                _turn.Release();
            }
        }

        public void Dispose() => _turn.Dispose();
    }

    public static Task RunAsync(int port)
    {
        var rooms = new Rooms<Member>();
        return Web.RunAsync(
            port,
            _ => { },
            app =>
            {
                app.UseWebSockets();
                app.Map("/raw", context => ServeAsync(context, rooms));
            });
    }

    private static async Task ServeAsync(HttpContext context, Rooms<Member> rooms)
    {
        var query = context.Request.Query;
        var room = query["room"].ToString();
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var member = new Member(socket, query["echo"] == "1", query["ack"] == "1");
        rooms.Join(room, member);
        try
        {
            await member.SendAsync(In);
            await ReadAsync(member, room, rooms);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
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
        var buffer = new byte[BufferBytes];
        while (true)
        {
            var received = await member.Socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
                return;
            foreach (var other in rooms.Of(room))
            {
                if (other != member || member.HearsItself)
                    await other.SendAsync(buffer.AsMemory(0, received.Count));
            }
            if (member.Acknowledge)
                await member.SendAsync(Taken);
        }
    }
}
