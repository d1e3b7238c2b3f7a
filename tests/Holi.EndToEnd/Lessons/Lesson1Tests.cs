using Holi.EndToEnd.Faults;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Network;
using Holi.Load.Scenarios.Flush;

namespace Holi.EndToEnd.Lessons;

/// <summary>"Queue flushed without acknowledgements: a crash during the flush lost everything; items queued during the flush were erased."</summary>
public sealed class Lesson1Tests(SharedGateway shared)
{
    private const int Before = 2_000, Meanwhile = 500;

    // 2,000 messages of 128 bytes need three connections of this at least, so that the flush is under way when the device dies.
    private const int BytesOfOneConnection = 100_000;

    [Fact]
    public async Task Lesson_1_a_crash_during_the_flush_loses_nothing_and_what_is_queued_meanwhile_is_sent_too()
    {
        var gateway = await shared.StartedAsync();
        var (ana, ben) = (SharedGateway.Somebody("ana"), SharedGateway.Somebody("ben"));
        using var folder = new TempFolder();
        await using var network = new FaultProxy(gateway.Endpoint);
        await using var witness = await AppDevice.StartAsync(gateway, ben);
        var id = await witness.CreateAsync(ana);

        await using (var first = await DeviceProcess.StartAsync(gateway, network.Endpoint, ana, folder.Path, id))
        {
            first.Queue(0, Before);
            await Eventually.HoldsAsync(() => first.Durable == Before - 1, () => $"durable through {first.Durable}");
            network.CutAfter(up: BytesOfOneConnection);
            first.GoOnline();
            first.Queue(Before, Meanwhile);
            await Eventually.HoldsAsync(() => first.Durable >= Before && witness.Texts(id).Count > 0, "the flush does not begin");
            await first.KillAsync();
            network.CutAll();
            await AllDurableArriveAsync(first);
        }

        async Task AllDurableArriveAsync(DeviceProcess first)
        {
            var durable = first.Durable + 1;
            durable.ShouldBeGreaterThan(Before);
            await using var second = await DeviceProcess.StartAsync(gateway, network.Endpoint, ana, folder.Path, id);
            (await second.Queued).ShouldBePositive("it died after the flush, not during it");
            second.GoOnline();
            await Eventually.EndsAsync(second.Flushed);
            await Eventually.HoldsAsync(() => witness.Texts(id).Count >= durable, () => $"{witness.Texts(id).Count} of {durable} arrived");
            // What the device died in the middle of queueing may be there or not; what is there follows without a gap, each once.
            var numbers = witness.Texts(id).Select(FlushMessages.NumberOf).ToArray();
            numbers.ShouldBe(Enumerable.Range(0, numbers.Length));
        }
    }
}
