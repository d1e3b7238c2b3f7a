using Holi.EndToEnd.Gateways;
using Holi.Load.Gateways;

[assembly: AssemblyFixture(typeof(SharedGateway))]
// Tests here wait for other processes far more than they compute.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace Holi.EndToEnd.Gateways;

/// <summary>One real gateway process for all tests that do it no harm, started by the first that asks. Each test brings people of its own.</summary>
public sealed class SharedGateway : IAsyncDisposable
{
    private readonly Lazy<Task<GatewayProcess>> _gateway = new(() => GatewayProcess.StartAsync(null, TimeProvider.System, CancellationToken.None));

    internal Task<GatewayProcess> StartedAsync() => _gateway.Value;

    /// <summary>Somebody whom no other test knows.</summary>
    internal static string Somebody(string name) => $"{name}-{Guid.NewGuid():N}";

    public async ValueTask DisposeAsync()
    {
        if (_gateway.IsValueCreated)
            await (await _gateway.Value).DisposeAsync();
    }
}
