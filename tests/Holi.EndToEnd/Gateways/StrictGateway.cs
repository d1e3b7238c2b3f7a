using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire.Payloads;

namespace Holi.EndToEnd.Gateways;

/// <summary>A gateway process of a class's own, with limits so tight that a test can reach them.</summary>
public abstract class StrictGateway(params (string Limit, int Value)[] limits) : IAsyncLifetime
{
    internal GatewayProcess Gateway { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync() => Gateway = await GatewayProcess.StartAsync(
        null, TimeProvider.System, CancellationToken.None, limits.ToDictionary(l => "Limits__" + l.Limit, l => $"{l.Value}"));

    public virtual async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal async Task<int> StatusAsync(string name)
    {
        using var status = await Gateway.StatusAsync(TestContext.Current.CancellationToken);
        return status.RootElement.GetProperty(name).GetInt32();
    }

    /// <summary>Somebody new is welcomed, and what they write is committed and comes back.</summary>
    internal async Task StillServesAsync()
    {
        var topic = TopicName.Conversation(Guid.NewGuid().ToString("N"));
        var user = SharedGateway.Somebody("other");
        await using var peer = await RawPeer.WelcomedAsync(Gateway, user);
        await peer.CreateAsync(1, topic);
        await peer.PostAsync(2, topic, "still here");
        (await peer.CommittedAsync(2)).Refusals.ShouldBeEmpty();
        await using var reader = await RawPeer.OpenAsync(Gateway.Endpoint);
        await reader.HelloAsync(Gateway.Tokens.For(user), backlog: 10);
        await reader.WelcomeAsync();
        (await reader.TextsAsync(topic)).ShouldBe(["still here"]);
    }
}
