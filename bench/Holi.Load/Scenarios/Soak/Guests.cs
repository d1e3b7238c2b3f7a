using System.Net.WebSockets;
using Holi.Load.Devices;
using Holi.Load.Gateways;

namespace Holi.Load.Scenarios.Soak;

/// <summary>Connections that come and go: what a gateway keeps of one that is over shows in its memory and handles.</summary>
internal sealed class Guests(GatewayTarget target, int perSecond, TimeProvider time)
{
    // As many people as come back again and again: a device has a row for life, and so has a person, which is no leak.
    private const int People = 50;

    private readonly LightIdentity[] _identities = [.. Enumerable.Range(0, People).Select(_ => new LightIdentity())];

    public int Visits { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        if (perSecond == 0)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var person = Visits++ % People;
                await using var guest = new LightDevice($"guest-{person}", _identities[person]);
                await guest.ConnectAsync(target.Endpoint, target.Tokens.For(guest.User), 0, [], stop);
                await guest.TopicsReadAsync(stop);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException || (failure is WebSocketException && stop.IsCancellationRequested))
        {
            // The measure is over.
        }
    }
}
