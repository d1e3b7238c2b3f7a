using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Wire.Payloads;

namespace Holi.Load.Scenarios;

/// <summary>Rooms of connected devices: the common ground of the fan-out and idle measures.</summary>
internal static class Rooms
{
    // One address has some 28,000 ports for one server.
    private const int AtOnce = 8, PerAddress = 20_000;

    /// <summary>
    /// Connects everyone, creates a conversation for each room and waits until all its members follow it. Neighbours in a room are on different
    /// gateways, where there are several.
    /// </summary>
    /// <returns>Devices by room, and each room's topic name.</returns>
    public static async Task<(LightDevice[][] Devices, string[] Topics)> OpenAsync(
        GatewayTarget target, string prefix, int rooms, int members, CancellationToken cancel)
    {
        var devices = new LightDevice[rooms][];
        var topics = new string[rooms];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(
            Enumerable.Range(0, rooms),
            options,
            async (room, stop) =>
            {
                devices[room] = new LightDevice[members];
                topics[room] = TopicName.Conversation($"{prefix}-{room}-{Guid.NewGuid():N}");
                for (var member = 0; member < members; member++)
                {
                    var device = devices[room][member] = new LightDevice($"{prefix}-{room}-{member}") { Address = ((room * members) + member) / PerAddress };
                    await device.ConnectAsync(target.EndpointOf(room + member), target.Tokens.For(device.User), 0, [], stop);
                }
                var others = Enumerable.Range(1, members - 1).Select(n => new NewMember($"{prefix}-{room}-{n}", MemberRole.Member));
                var create = new ConversationCreate(null, [.. others]).ToBytes();
                await devices[room][0].CommandAsync(topics[room], MessageTypes.ConversationCreate, create, stop);
                foreach (var device in devices[room])
                    await device.FollowsAsync(topics[room], stop);
            });
        return (devices, topics);
    }

    /// <summary>Closes all of them.</summary>
    public static async Task CloseAsync(LightDevice[][] devices)
    {
        foreach (var device in devices.SelectMany(room => room))
            await device.DisposeAsync();
    }
}
