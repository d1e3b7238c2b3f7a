using Holi.Load.Devices;
using Holi.Load.Gateways;
using Holi.Load.Scenarios;

namespace Holi.EndToEnd.Gateways;

/// <summary>
/// One real gateway process for the tests of a class, and two bystanders who chat on it: whatever a test does to the gateway, it has
/// cost nothing else while their next message arrives.
/// </summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    private LightDevice[][] _bystanders = [];
    private string _topic = "";

    internal GatewayProcess Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Gateway = await GatewayProcess.StartAsync(null, TimeProvider.System, CancellationToken.None);
        var target = new GatewayTarget([Gateway.Endpoint], Gateway.Tokens, null);
        (_bystanders, var topics) = await Rooms.OpenAsync(target, "bystander", 1, 2, CancellationToken.None);
        _topic = topics[0];
    }

    public async ValueTask DisposeAsync()
    {
        await Rooms.CloseAsync(_bystanders);
        await Gateway.DisposeAsync();
    }

    /// <summary>The bystanders' next message is committed and arrives.</summary>
    internal async Task BystandersStillChatAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bystanders[0][1].OnEvent = (_, _) => arrived.TrySetResult();
        await _bystanders[0][0].PostAsync(_topic, "still here", cancel);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), cancel);
    }
}
