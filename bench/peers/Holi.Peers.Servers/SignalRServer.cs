using Microsoft.AspNetCore.SignalR;

namespace Holi.Peers.Servers;

/// <summary>
/// SignalR as its documentation has it: a hub, a group for each room, both hub protocols. Stateful reconnect is there for those who ask; its buffer is
/// the default, or what the command line says; then the pipe to an absent client, whose 64 KB stop a sender before the buffer does, is as large.
/// </summary>
internal static class SignalRServer
{
    /// <summary>The driver's devices say nothing between measures; a server that cuts them would not be measured more fairly.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    public static Task RunAsync(int port, long? bufferBytes) => Web.RunAsync(
        port,
        services => services
            .AddSignalR(options =>
            {
                options.ClientTimeoutInterval = Silence;
                if (bufferBytes is { } bytes)
                    options.StatefulReconnectBufferSize = bytes;
            })
            .AddMessagePackProtocol(),
        app => app.MapHub<Talk>("/hub", options =>
        {
            options.AllowStatefulReconnects = true;
            if (bufferBytes is { } bytes)
                options.TransportMaxBufferSize = bytes;
        }));
}

/// <summary>The hub: what one says, the others of the room hear; in a room of many, the speaker too.</summary>
public sealed class Talk : Hub
{
    public override async Task OnConnectedAsync()
    {
        var query = Context.GetHttpContext()!.Request.Query;
        var room = query["room"].ToString();
        Context.Items["room"] = room;
        Context.Items["echo"] = query["echo"] == "1";
        await Groups.AddToGroupAsync(Context.ConnectionId, room);
        await Clients.Caller.SendAsync("r");
    }

    public Task Say(string text)
    {
        var room = (string)Context.Items["room"]!;
        var hears = Context.Items["echo"] is true ? Clients.Group(room) : Clients.OthersInGroup(room);
        return hears.SendAsync("m", text);
    }
}
