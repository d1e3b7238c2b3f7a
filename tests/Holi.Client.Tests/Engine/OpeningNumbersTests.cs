using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Frames;
using static Holi.Client.Tests.Engine.EngineBench;

namespace Holi.Client.Tests.Engine;

/// <summary>§6.5: a device counts its sockets over all of its lives, and a gateway tells its past by the count.</summary>
public sealed class OpeningNumbersTests
{
    private const ulong Raise = 1UL << 32;

    private static readonly DeviceStoreException Full = new(DeviceStoreFailure.DiskFull, "full");
    private static readonly EngineOptions Options = new() { User = "ana", Limits = new EngineLimits { OpeningsReserved = 4 } };

    [Fact]
    public void Every_socket_has_a_higher_number_than_the_one_before_and_none_is_0()
    {
        var bench = new EngineBench(options: Options);
        var said = new List<ulong>();
        for (var sockets = 0; sockets < 20; sockets++)
            said.Add(Connect(bench, fails: true).Opening);
        said[0].ShouldBeGreaterThan(0ul);
        said.ShouldBe(said.Distinct().Order());
    }

    [Fact]
    public void A_life_costs_one_write()
    {
        var bench = new EngineBench();
        for (var sockets = 0; sockets < 20; sockets++)
            Connect(bench, fails: true);
        bench.Store.Batches.SelectMany(batch => batch).OfType<ReserveOpenings>().ShouldHaveSingleItem();
    }

    [Fact]
    public void A_later_life_counts_on_beyond_whatever_the_earlier_may_have_said()
    {
        var store = new MemoryDeviceStore();
        var last = 0ul;
        for (var life = 0; life < 5; life++)
        {
            var bench = new EngineBench(store, Options);
            var first = Connect(bench, fails: true).Opening;
            first.ShouldBeGreaterThan(last);
            last = Connect(bench, fails: true).Opening;
        }
    }

    [Fact]
    public void No_number_is_said_before_the_store_has_it()
    {
        var bench = new EngineBench { AutoStore = false };
        bench.Start();
        bench.Connection.ShouldBe(0, "a socket would have to say Hello");
        bench.FinishBatch();
        bench.Run();
        bench.Open().Opening.ShouldBeLessThan(bench.Store.ReadIdentity().Openings);
    }

    [Fact]
    public void A_device_whose_disk_is_full_connects_with_the_last_number_it_kept()
    {
        var store = new MemoryDeviceStore();
        Connect(new EngineBench(store, Options), fails: true);
        var kept = store.ReadIdentity().Openings;

        store.FailWith = Full;
        var bench = new EngineBench(store, Options);
        Connect(bench, fails: true).Opening.ShouldBe(kept);
        Connect(bench, fails: true).Opening.ShouldBe(kept);
        store.FailWith = null;
        Connect(bench, fails: true).Opening.ShouldBeGreaterThan(kept);
    }

    [Fact]
    public void And_does_not_give_up_when_it_is_fenced_for_that_may_be_its_own_past()
    {
        var store = new MemoryDeviceStore();
        Connect(new EngineBench(store, Options));
        store.FailWith = Full;
        var bench = new EngineBench(store, Options);
        Connect(bench);
        bench.Close((int)HoliCode.Fenced);
        bench.Engine.State.ShouldBe(ConnectionState.Waiting);

        store.FailWith = null;
        Connect(bench);
        bench.Close((int)HoliCode.Fenced);
        bench.Engine.State.ShouldBe(ConnectionState.Stopped, "a number that no earlier life can have said: it is a copy");
    }

    [Fact]
    public void A_copy_that_hears_4303_counts_on_far_beyond_keeps_its_generation_and_remembers()
    {
        var bench = new EngineBench(options: Options);
        var before = Connect(bench).Opening;
        bench.Close((int)HoliCode.OpeningOutdated);

        var hello = Connect(bench);

        hello.Generation.ShouldBe(1u, "its count is behind; whether its commands are, is another question");
        hello.Opening.ShouldBeInRange(before + Raise - 4, before + Raise + 4);
        Connect(new EngineBench(bench.Store, Options)).Opening.ShouldBeGreaterThan(hello.Opening);
    }

    [Fact]
    public void However_far_the_count_was_driven_a_few_tries_reach_it()
    {
        var bench = new EngineBench(options: Options);
        var tries = 0;
        for (var opening = Connect(bench).Opening; opening < long.MaxValue; opening = Connect(bench, welcomed: false).Opening, tries++)
            bench.Close((int)HoliCode.OpeningOutdated);
        tries.ShouldBeLessThan(12);

        // And stays there.
        bench.Receive(Welcome(), Commit(0));
        Connect(new EngineBench(bench.Store, Options)).Opening.ShouldBe((ulong)long.MaxValue);
    }

    [Fact]
    public void A_Welcome_ends_the_raising()
    {
        var bench = new EngineBench(options: Options);
        var first = Connect(bench).Opening;
        for (var copies = 1; copies <= 5; copies++)
        {
            bench.Close((int)HoliCode.OpeningOutdated);
            Connect(bench).Opening.ShouldBeLessThan(first + ((ulong)copies * (Raise + 8)));
        }
    }

    // From wherever it is to the next Hello, and to Ready unless it fails.
    private static HelloFrame Connect(EngineBench bench, bool fails = false, bool welcomed = true)
    {
        if (bench.Engine.State == ConnectionState.Stopped)
            bench.Start();
        while (bench.Engine.State != ConnectionState.Connecting)
            bench.Pass(TimeSpan.FromMilliseconds(250));
        var hello = bench.Open();
        if (fails)
            bench.Close(0);
        else if (welcomed)
            bench.Receive(Welcome(hello.Generation == 0 ? 1 : hello.Generation), Commit(0));
        return hello;
    }
}
