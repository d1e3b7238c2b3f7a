using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.Cluster;

/// <summary>A new version comes: node after node is told to stop, and started again (§11.3).</summary>
public sealed class RollingTests(ClusterFixture fixture) : ClusterTest(fixture)
{
    private const int Devices = 6, Each = 30;

    [Fact]
    public async Task D_O_S_L_while_node_after_node_is_stopped_and_started_devices_move_and_lose_nothing()
    {
        var nodes = Cluster.Nodes.Select(node => node.Endpoint).ToList();
        var users = Enumerable.Range(0, Devices).Select(n => SharedGateway.Somebody($"rolling{n}")).ToList();
        var ways = users.ConvertAll(user => new RovingConnector(nodes, users.IndexOf(user) % nodes.Count));
        var devices = new List<AppDevice>();
        try
        {
            for (var n = 0; n < Devices; n++)
                devices.Add(await RovingAsync(ways[n], users[n]));
            var id = await devices[0].CreateAsync([.. users.Skip(1)]);
            foreach (var device in devices)
                await Eventually.HoldsAsync(() => device.Shown(id).Count > 0, () => $"{device.Client.User} does not see the conversation");
            for (var node = 0; node < nodes.Count; node++)
                await RollAsync(node, devices, id);

            foreach (var device in devices)
                await device.FlushedAsync();
            await Eventually.HoldsAsync(
                () => devices.TrueForAll(device => device.Texts(id).Count >= nodes.Count * Devices * Each),
                () => string.Join(", ", devices.Select(device => $"{device.Texts(id).Count} {device.Client.Status.Current}")));
            foreach (var device in devices)
                device.Texts(id).ShouldBe(devices[0].Texts(id));
            foreach (var user in users)
            {
                devices[0].Texts(id).Where(text => text.StartsWith(user + " ", StringComparison.Ordinal))
                    .ShouldBe(Enumerable.Range(0, nodes.Count * Each).Select(n => $"{user} {n / Each} {n % Each}"));
            }
        }
        finally
        {
            foreach (var device in devices)
                await device.DisposeAsync();
        }
    }

    private async Task RollAsync(int node, List<AppDevice> devices, string id)
    {
        await using var raw = await RawPeer.WelcomedAsync(Node(node), Cat);
        var talking = Task.WhenAll(devices.Select(async device =>
        {
            for (var n = 0; n < Each; n++)
                await device.SayAsync(id, $"{device.Client.User} {node} {n}");
        }));
        var stopping = Cluster.StopAsync(node);
        GoAwayFrame.TryRead(new(await raw.NextAsync(FrameKind.GoAway)), out var hint, out _).ShouldBeTrue();
        hint.Code.ShouldBe(HoliCode.GoingAway);
        hint.RetryAfter.ShouldBeGreaterThan(TimeSpan.Zero);
        hint.Spread.ShouldBeGreaterThan(hint.RetryAfter, "all would come at once");
        (await raw.ClosedAsync()).ShouldBe(HoliCode.GoingAway);
        await Eventually.EndsAsync(stopping);
        (await stopping).ShouldBe(0);
        await talking;
        // Nobody waits for the node that is away.
        foreach (var device in devices)
            await device.IsAsync(ConnectionState.Ready);
        await Cluster.HealAsync();
    }
}
