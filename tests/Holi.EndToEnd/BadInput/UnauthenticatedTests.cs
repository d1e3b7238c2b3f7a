using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.BadInput;

/// <summary>Invariant B before authentication: an open socket that says nothing costs at most 16 kB of the gateway's memory, and one task.</summary>
public sealed class UnauthenticatedTests(UnauthenticatedTests.Roomy fixture) : IClassFixture<UnauthenticatedTests.Roomy>
{
    private const int Crowd = 1_000;
    private const int BytesEachMax = 16_384;

    [Fact]
    public async Task A_socket_that_says_nothing_costs_no_more_than_16_kB()
    {
        // What the first sockets cost is code that is compiled and pools that fill.
        await OpenAsync(200, _ => { });
        await Eventually.HoldsAsync(async () => await fixture.StatusAsync("unauthenticated") == 0, "the first ones are still there");
        var before = fixture.Gateway.RssBytes;
        var threads = fixture.Gateway.Threads;
        await OpenAsync(Crowd, open =>
        {
            var grown = fixture.Gateway.RssBytes - before;
            open.ShouldBe(Crowd, "some were closed before they were counted");
            (grown / Crowd).ShouldBeLessThanOrEqualTo(BytesEachMax);
            fixture.Gateway.Threads.ShouldBeLessThan(threads + 32, "a thread for each");
        });
        await fixture.StillServesAsync();
    }

    private async Task OpenAsync(int count, Action<int> measure)
    {
        var sockets = new List<RawSocket>();
        try
        {
            for (var n = 0; n < count; n++)
                sockets.Add(await RawSocket.OpenAsync(fixture.Gateway));
            measure(await fixture.StatusAsync("unauthenticated"));
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    /// <summary>A gateway that lets one address hold the whole crowd.</summary>
    public sealed class Roomy() : StrictGateway(("UnauthenticatedPerAddress", 2 * Crowd), ("UnauthenticatedMax", 2 * Crowd));
}
