using Holi.Client;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Network;

namespace Holi.EndToEnd.Faults;

/// <summary>Fault 9: cut at every byte; the answer lost after the commit. Invariants D, O and S.</summary>
public sealed class CutTests(SharedGateway shared)
{
    // Every third byte, from another of the first three in each run: time for all of them on a small machine is the bench's.
    private const int Step = 3;

    private readonly string _ana = SharedGateway.Somebody("ana"), _ben = SharedGateway.Somebody("ben");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fault_9_an_exchange_cut_after_any_byte_loses_nothing_and_doubles_nothing(bool up)
    {
        var gateway = await shared.StartedAsync();
        await using var network = new FaultProxy(gateway.Endpoint);
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        await using var ana = await AppDevice.StartAsync(
            gateway, _ana, change: options => options with { Endpoint = network.Endpoint, Random = AppDevice.ShortWaits });
        var id = await ben.CreateAsync(_ana);
        await Eventually.HoldsAsync(() => ana.Client.Conversation(id).Summary is not null, "ana does not know the conversation");

        // In each round both speak, then ana's connection is cut, and the next one is cut again after so many bytes of opening, commands,
        // commits, events and acknowledgements. The rounds end when a whole exchange fits in.
        var (rounds, cuts) = (0, 0);
        for (var bytes = 1 + Random.Shared.Next(Step); ; bytes += Step, rounds++)
        {
            cuts = network.Cuts;
            network.CutNextAfter(up ? bytes : long.MaxValue, up ? long.MaxValue : bytes);
            network.CutAll();
            var fromAna = await ana.SayAsync(id, $"ana {rounds}");
            var fromBen = await ben.SayAsync(id, $"ben {rounds}");
            await Eventually.EndsAsync(Task.WhenAll(fromAna.Committed, fromBen.Committed));
            await Eventually.HoldsAsync(
                () => ana.Texts(id).Count == 2 * (rounds + 1) && ben.Texts(id).Count == 2 * (rounds + 1),
                () => $"cut after {bytes} bytes: {ana.Texts(id).Count} and {ben.Texts(id).Count} of {2 * (rounds + 1)} messages");
            if (network.Cuts == cuts)
                break;
        }

        rounds.ShouldBeGreaterThan(100, "the exchange was not cut");
        ana.Texts(id).ShouldBe(ben.Texts(id));
        ana.Texts(id).Where(text => text[0] == 'a').ShouldBe(Enumerable.Range(0, rounds + 1).Select(n => $"ana {n}"));
        ana.Texts(id).Where(text => text[0] == 'b').ShouldBe(Enumerable.Range(0, rounds + 1).Select(n => $"ben {n}"));
    }

    [Fact]
    public async Task Fault_9_a_commit_whose_answer_was_lost_is_answered_again_and_applied_once()
    {
        var gateway = await shared.StartedAsync();
        await using var network = new FaultProxy(gateway.Endpoint);
        await using var ben = await AppDevice.StartAsync(gateway, _ben);
        await using var ana = await AppDevice.StartAsync(gateway, _ana, change: options => options with { Endpoint = network.Endpoint });
        var id = await ben.CreateAsync(_ana);
        await ana.SaidAsync(id, "one");

        network.SwallowingDown = true;
        var two = await ana.SayAsync(id, "two");
        await ben.HasTextsAsync(id, "one", "two");
        two.IsAnswered.ShouldBeFalse();
        network.SwallowingDown = false;
        network.CutAll();
        await Eventually.EndsAsync(two.Committed);
        await ana.SaidAsync(id, "three");
        await ben.HasTextsAsync(id, "one", "two", "three");
        await ana.HasTextsAsync(id, "one", "two", "three");
    }
}
