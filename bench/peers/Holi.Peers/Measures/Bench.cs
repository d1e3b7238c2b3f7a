using System.Globalization;
using Holi.Peers.Devices;
using Holi.Peers.Servers;

namespace Holi.Peers.Measures;

/// <summary>What every measure stands on: a running peer, devices in rooms, and waiting that ends.</summary>
internal sealed class Bench(Peer peer, IPeerServer server, Sizes sizes, TimeProvider time)
{
    /// <summary>Rooms that are opened at once: enough to keep the server busy.</summary>
    private const int AtOnce = 8;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);
    private static int _rooms;

    public Peer Peer => peer;

    public IPeerServer Server => server;

    public Sizes Sizes => sizes;

    public TimeProvider Time => time;

    /// <summary>The same with other sizes.</summary>
    public Bench With(Sizes others) => new(peer, server, others, time);

    /// <summary>A name that no room of any measure has had; short, and as long as all others, since some peers say it with each message.</summary>
    public static string NewRoom() => string.Create(CultureInfo.InvariantCulture, $"r{Interlocked.Increment(ref _rooms):D5}");

    public Device Seat(string room, int member, int members, bool acknowledged = false, bool keeps = false)
    {
        var seat = new Seat(server.PortOf(member), room, member, members) { WantsAcknowledgements = acknowledged };
        return peer.Device(seat with { Token = server.TokenFor(seat.User) }, keeps);
    }

    /// <summary>Opens rooms of connected devices.</summary>
    public async Task<Device[][]> OpenAsync(int rooms, int members, CancellationToken cancel)
    {
        var devices = new Device[rooms][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(Enumerable.Range(0, rooms), options, async (room, stop) => devices[room] = await OpenRoomAsync(members, stop));
        return devices;
    }

    /// <summary>Opens one; together, since whoever makes it names the others, who are in it only then.</summary>
    public async Task<Device[]> OpenRoomAsync(int members, CancellationToken cancel, bool acknowledged = false, bool keeps = false)
    {
        var room = NewRoom();
        var devices = Enumerable.Range(0, members).Select(member => Seat(room, member, members, acknowledged, keeps)).ToArray();
        await Task.WhenAll(devices.Select(device => device.ConnectAsync(cancel)));
        return devices;
    }

    public static async Task CloseAsync(IEnumerable<Device> devices)
    {
        foreach (var device in devices)
            await device.DisposeAsync();
    }

    /// <summary>Processor time of each part so far.</summary>
    public IReadOnlyList<(string Part, TimeSpan Time)> Cpu() => [.. server.Parts.Select(part => (part.Name, part.Cpu))];

    /// <summary>What each part spent since.</summary>
    public IReadOnlyList<(string Part, TimeSpan Time)> CpuSince(IReadOnlyList<(string Part, TimeSpan Time)> before) =>
        [.. Cpu().Zip(before, (now, then) => (now.Part, now.Time - then.Time))];

    /// <summary>
    /// Waits until a count has come to a goal; gives up where it has not moved for <paramref name="patience"/>. True where it came there.
    /// </summary>
    public async Task<bool> CountsAsync(Func<long> count, long goal, TimeSpan patience, IReadOnlyList<Device> connected, CancellationToken cancel)
    {
        var (last, since) = (count(), time.GetTimestamp());
        while (true)
        {
            var now = count();
            if (now >= goal)
                return true;
            if (now != last)
                (last, since) = (now, time.GetTimestamp());
            else if (time.GetElapsedTime(since) > patience)
                return false;
            foreach (var device in connected)
                device.ThrowIfEnded();
            await Task.Delay(Look, time, cancel);
        }
    }

    /// <summary>The middle one of some figures.</summary>
    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
