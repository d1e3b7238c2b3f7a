using System.Globalization;
using System.Runtime.InteropServices;
using Holi.Load.Gateways;
using Holi.Peers.Devices;
using Holi.Peers.Servers;
using Holi.Servers;

namespace Holi.Peers;

/// <summary>Every peer, in the order of the table. Settings are the defaults of each but for what is said here, with why.</summary>
internal static class PeerTable
{
    private const string WhileConnected = "each sender's, while connected";
    private const string Nobody = "anybody";
    private const string NeverTwice = "at most once";

    private const string Spinless = "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0";
    private const string NatsProgram = "/usr/sbin/nats-server";

    // What 10,000 messages of the queued-down measure need, several times over: the default of 100,000 bytes stops the sender.
    private const string RaisedBuffer = "16777216";

    private static readonly Guarantees Raw = new("no", WhileConnected, NeverTwice, "gone", Nobody);
    private static readonly Guarantees Stateful = new("no: memory of one process", WhileConnected, "once while the server lives", "kept in memory for 30 s, up to the buffer; then the sender waits", Nobody);
    private static readonly Guarantees Mqtt = new("no: memory, saved every 30 min and at a clean end", "each sender's", "at least once", "kept in memory", Nobody);
    private static readonly Guarantees Holi = new("yes: fsync before the acknowledgement", "one order for all, with offsets", "exactly once", "kept on disk", "signed tokens, membership checked");

    public static IReadOnlyList<Peer> All { get; } =
    [
        DotNet("raw", "Kestrel WebSocket", Raw, "ASP.NET Core WebSockets, a held 4 KB buffer, one send at a time for each socket", "raw") with
        {
            Device = (seat, keeps) => new RawDevice(seat) { KeepsTexts = keeps },
        },
        DotNet("raw-coalesced", "Kestrel, pre-framed and coalesced", Raw, "frames made once for a room, all that waits for a member in one write", "coalesced") with
        {
            Device = (seat, keeps) => new RawDevice(seat) { KeepsTexts = keeps },
        },
        SignalR("signalr-json", "SignalR JSON", Raw, "negotiation skipped", messagePack: false, stateful: false),
        SignalR("signalr-msgpack", "SignalR MessagePack", Raw, "negotiation skipped", messagePack: true, stateful: false),
        SignalR("signalr-stateful", "SignalR stateful reconnect", Stateful, "JSON, stateful reconnect, buffer of 100,000 bytes and pipe of 64 KB (defaults)", messagePack: false, stateful: true) with
        {
            LeftOut = new Dictionary<string, string> { ["up"] = "ten thousand pipelined texts fill its buffers, and it does not go on (tried)" },
        },
        SignalR("signalr-stateful-raised", "SignalR stateful, 16 MB", Stateful, "JSON, stateful reconnect, buffer and pipe (TransportMaxBufferSize) of 16 MB", messagePack: false, stateful: true, RaisedBuffer),
        SocketIo("socketio", "Socket.IO 4", Raw, "WebSocket alone, no compression (default)", recovery: false),
        SocketIo(
            "socketio-recovery", "Socket.IO 4 with recovery",
            new("no: memory of one process", WhileConnected, NeverTwice, "kept in memory for 2 min", Nobody),
            "as Socket.IO 4, with connectionStateRecovery (defaults)", recovery: true),
        Mosquitto("mosquitto-ws", "mosquitto QoS 1, WebSocket", webSocket: true),
        Mosquitto("mosquitto-tcp", "mosquitto QoS 1, TCP", webSocket: false),
        DotNet(
            "mqttnet", "MQTTnet QoS 1, TCP", Mqtt with { Durable = "no: memory" },
            "persistent sessions, 100,000 messages queued for each (default 250)", "mqtt") with
        {
            Device = (seat, keeps) => new MqttDevice(seat, overWebSocket: false) { KeepsTexts = keeps },
            Packages = ["MQTTnet 5.2.0.1603", RuntimeInformation.FrameworkDescription],
            Queues = true,
        },
        new("nats", "NATS core, TCP", Raw, "defaults; acknowledgements by verbose mode")
        {
            Start = (_, cancel) => ProgramServer.StartAsync((port, _) => [NatsProgram, "-a", "127.0.0.1", "-p", Text(port)], cancel),
            Device = (seat, keeps) => new NatsDevice(seat) { KeepsTexts = keeps },
            Missing = () => File.Exists(NatsProgram) ? null : "nats-server is not installed: apt-get install nats-server",
            Programs = [[NatsProgram, "-v"]],
        },
        HoliPeer("holi", "Holi, embedded", "one gateway, its log in SQLite with synchronous=FULL", new SitePlan(1, Postgres: false, Redis: false)),
        HoliPeer("holi-native", "Holi, embedded, native build", "as Holi, embedded, compiled ahead of time", new SitePlan(1, Postgres: false, Redis: false) { Program = _ => Checkout.NativeGateway }) with
        {
            Missing = () => File.Exists(Checkout.NativeGateway) ? null : $"there is no native build: dotnet publish src/Holi.Gateway -c Release -r {Checkout.NativeTarget}",
        },
        HoliPeer("holi-postgres", "Holi on Postgres", "one gateway, its log in PostgreSQL as installed, with fsync and synchronous_commit on", new SitePlan(1, Postgres: true, Redis: false)),
        HoliPeer("holi-two", "Holi, two gateways", "two gateways over one PostgreSQL and one Redis; a room's members sit at both", new SitePlan(2, Postgres: true, Redis: true)),
    ];

    private static Peer DotNet(string name, string title, Guarantees guarantees, string settings, params string[] words) =>
        new(name, title, guarantees, settings + "; workstation GC, as Holi's")
        {
            Start = (spinless, cancel) => ProgramServer.StartAsync(
                (port, _) => ["env", .. spinless ? [Spinless] : Array.Empty<string>(), "dotnet", Checkout.DotNetPeers, words[0], Text(port), .. words.Skip(1)],
                cancel),
            Device = (_, _) => throw new InvalidOperationException("A device is named by each peer."),
            Missing = () => File.Exists(Checkout.DotNetPeers) ? null : "the .NET peers are not built: dotnet build bench/peers/Holi.Peers -c Release",
            Packages = [RuntimeInformation.FrameworkDescription],
            Spins = true,
        };

    private static Peer SignalR(string name, string title, Guarantees guarantees, string settings, bool messagePack, bool stateful, params string[] words) =>
        DotNet(name, title, guarantees, settings, ["signalr", .. words]) with
        {
            Device = (seat, keeps) => new SignalRDevice(seat, messagePack, stateful) { KeepsTexts = keeps },
            Queues = stateful,
        };

    private static Peer SocketIo(string name, string title, Guarantees guarantees, string settings, bool recovery) =>
        new(name, title, guarantees, settings)
        {
            Start = (_, cancel) => ProgramServer.StartAsync(
                (port, _) => ["env", "NODE_ENV=production", "node", Checkout.SocketIo, Text(port), .. recovery ? ["recovery"] : Array.Empty<string>()], cancel),
            Device = (seat, keeps) => new SocketIoDevice(seat) { KeepsTexts = keeps },
            Missing = () => Directory.Exists(Path.Combine(Path.GetDirectoryName(Checkout.SocketIo)!, "node_modules", "socket.io"))
                ? null
                : "Socket.IO is not installed: (cd bench/peers/socketio && npm ci --ignore-scripts)",
            Programs = [["node", "--version"]],
            Packages = ["Socket.IO 4.8.4"],
            Queues = recovery,
        };

    private static Peer Mosquitto(string name, string title, bool webSocket) =>
        new(name, title, Mqtt, "persistence on, no limit on queued and in-flight messages (defaults 1,000 and 20), TCP_NODELAY")
        {
            Start = (_, cancel) => ProgramServer.StartAsync((port, folder) => Servers.Mosquitto.Command(port, folder, webSocket), cancel),
            Device = (seat, keeps) => new MqttDevice(seat, webSocket) { KeepsTexts = keeps },
            Missing = () => File.Exists(Servers.Mosquitto.Program) ? null : "mosquitto is not installed: apt-get install mosquitto",
            Programs = [[Servers.Mosquitto.Program, "-h"]],
            Queues = true,
        };

    private static Peer HoliPeer(string name, string title, string settings, SitePlan plan) =>
        new(name, title, Holi, settings)
        {
            Start = (_, cancel) => HoliServer.StartAsync(plan, cancel),
            Device = (seat, keeps) => new HoliDevice(seat) { KeepsTexts = keeps },
            Missing = () => plan.Postgres && !PostgresServer.IsInstalled ? "PostgreSQL is not installed: apt-get install postgresql"
                : plan.Redis && !RedisServer.IsInstalled ? "Redis is not installed: apt-get install redis-server"
                : null,
            Packages = [RuntimeInformation.FrameworkDescription],
            Programs =
            [
                .. plan.Postgres && PostgresServer.Program is { } postgres ? [[postgres, "--version"]] : Array.Empty<string[]>(),
                .. plan.Redis && RedisServer.IsInstalled ? [["/usr/bin/redis-server", "--version"]] : Array.Empty<string[]>(),
            ],
            Queues = true,
            IsHoli = true,
            IsOnPostgres = plan.Postgres,
        };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
