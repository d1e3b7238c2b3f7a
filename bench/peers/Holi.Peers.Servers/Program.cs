// The peers that are written in .NET, each in a process of its own: raw | coalesced | signalr | mqtt, then the port, then further words.
// Says "ready" on standard output once it listens.

using System.Globalization;
using Holi.Peers.Servers;

if (args.Length < 2 || !int.TryParse(args[1], CultureInfo.InvariantCulture, out var port))
{
    Console.Error.WriteLine("usage: Holi.Peers.Servers raw|coalesced|signalr|mqtt PORT [BUFFER_BYTES]");
    return 2;
}
switch (args[0])
{
    case "raw":
        await RawServer.RunAsync(port);
        return 0;
    case "coalesced":
        await CoalescedServer.RunAsync(port);
        return 0;
    case "signalr":
        await SignalRServer.RunAsync(port, args.Length > 2 ? long.Parse(args[2], CultureInfo.InvariantCulture) : null);
        return 0;
    case "mqtt":
        await MqttBroker.RunAsync(port);
        return 0;
    default:
        Console.Error.WriteLine($"There is no server called {args[0]}.");
        return 2;
}
