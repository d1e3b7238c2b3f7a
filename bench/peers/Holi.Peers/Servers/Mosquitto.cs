using System.Globalization;

namespace Holi.Peers.Servers;

/// <summary>mosquitto's settings: its package's defaults but for what would make it lose or hold back queued messages, and persistence switched on.</summary>
internal static class Mosquitto
{
    public const string Program = "/usr/sbin/mosquitto";

    // This version ends at once where it has nothing but a WebSocket listener, so it is given a socket file beside it, which nobody uses.
    public static IReadOnlyList<string> Command(int port, string folder, bool webSocket)
    {
        var file = Path.Combine(folder, "mosquitto.conf");
        File.WriteAllText(
            file,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                listener {port} 127.0.0.1
                protocol {(webSocket ? "websockets" : "mqtt")}
                allow_anonymous true
                persistence true
                persistence_location {folder}/
                max_queued_messages 0
                max_inflight_messages 0
                set_tcp_nodelay true
                listener 0 {folder}/unused
                log_dest none
                user {Environment.UserName}

                """));
        return [Program, "-c", file];
    }
}
