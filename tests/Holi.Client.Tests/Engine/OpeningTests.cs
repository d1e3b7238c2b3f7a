using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using static Holi.Client.Tests.Engine.EngineBench;
using static Holi.Client.Tests.Engine.SentFrames;

namespace Holi.Client.Tests.Engine;

/// <summary>Hello, Welcome, generations (holi.v1.md §6, §12).</summary>
public sealed class OpeningTests
{
    [Fact]
    public void A_new_device_asks_for_a_generation_and_sends_what_was_queued_offline()
    {
        var bench = new EngineBench();
        var first = bench.Queue("one");
        var second = bench.Queue("two");

        var hello = bench.Start().Open();

        hello.Generation.ShouldBe(0u);
        bench.LastSent.OfType<SentCommand>().ShouldBeEmpty("with generation 0 a device waits for Welcome");
        bench.Receive(Welcome(generation: 5), Commit(0));
        var sent = bench.Sent().OfType<SentCommand>().ToList();
        // Under the identity they were queued with: a copy of this store would send them, too.
        sent.Select(c => (c.Seq, c.FirstGeneration, c.FirstSeq, c.Name)).ShouldBe(
            [(1, MemoryDeviceStore.OwnGeneration, 1, "conversation/c1"), (2, MemoryDeviceStore.OwnGeneration, 2, "conversation/c1")]);
        bench.Store.ReadIdentity().Generation.ShouldBe(5u);
        bench.Store.ReadIdentity().SendFloor.ShouldBe(2ul);
        (first.Number, second.Number).ShouldBe((1ul, 2ul));
        bench.Engine.State.ShouldBe(ConnectionState.Ready);
    }

    [Fact]
    public void A_commit_empties_the_outbox_and_carries_the_digest_on()
    {
        var bench = new EngineBench().Ready();
        bench.Queue("one");
        bench.Queue("two");
        var sent = bench.Sent().OfType<SentCommand>().ToList();

        bench.Receive(Commit(2)).Pass(TimeSpan.FromSeconds(1));

        var identity = bench.Store.ReadIdentity();
        identity.Known.ShouldBe(2ul);
        identity.Digest.ShouldBe(Digests.Of(default, sent, "conversation/c1"));
        bench.Store.ReadOutboxSize().Count.ShouldBe(0);
        bench.Status.QueuedCommands.ShouldBe(0);
        bench.Status.QueuedBytes.ShouldBe(0);
        bench.Notices.OfType<CommandsCommitted>().Last().Through.ShouldBe(2ul);
    }

    [Fact]
    public void Commands_follow_Hello_at_once_where_the_generation_is_known()
    {
        var bench = new EngineBench().Ready();
        bench.Close(0);
        bench.Queue("offline");

        bench.Pass(TimeSpan.FromSeconds(1)).Open();

        bench.LastSent.OfType<SentCommand>().Single().Seq.ShouldBe(1ul);
    }

    [Fact]
    public void What_follows_Hello_fits_into_16_KiB_together_with_it()
    {
        var bench = new EngineBench().Ready();
        bench.Close(0);
        for (var i = 0; i < 100; i++)
            bench.Queue(new string('x', 1_000));

        bench.Pass(TimeSpan.FromSeconds(1)).Open();

        bench.LastSent.OfType<SentCommand>().Sum(c => c.Payload.Length).ShouldBeInRange(12_000, 16_384);
        bench.Receive(Welcome(), Commit(0));
        bench.Sent().OfType<SentCommand>().Last().Seq.ShouldBe(100ul);
    }

    [Fact]
    public void What_was_committed_meanwhile_is_compared_and_not_sent_again()
    {
        var bench = new EngineBench().Ready();
        for (var i = 0; i < 1_200; i++)
            bench.Queue($"message {i}");
        var sent = bench.Sent().OfType<SentCommand>().ToList();
        bench.Close(0);

        // The gateway had taken 1,000 when the connection broke.
        bench.Pass(TimeSpan.FromSeconds(1)).Open();
        bench.Receive(Welcome(committed: 1_000, digest: Digests.Of(default, sent.Take(1_000), "conversation/c1")));
        bench.Store.ReadIdentity().Known.ShouldBe(0ul, "known moves at a Commit, never at Welcome");
        bench.Receive(Commit(1_000));

        bench.Sent().OfType<SentCommand>().Select(c => c.Seq).First().ShouldBe(1_001ul);
        bench.Pass(TimeSpan.FromSeconds(1)).Store.ReadIdentity().Known.ShouldBe(1_000ul);
        bench.Store.ReadOutboxSize().Count.ShouldBe(200);
        bench.Status.QueuedCommands.ShouldBe(200);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(700)]
    public void Other_digests_at_Welcome_are_a_fork_and_a_new_generation_keeps_the_first_identity(int committed)
    {
        var bench = new EngineBench().Ready(generation: 4);
        for (var i = 0; i < 800; i++)
            bench.Queue($"message {i}");
        bench.Sent();
        bench.Close(0);

        bench.Pass(TimeSpan.FromSeconds(1)).Open();
        bench.Receive(Welcome(4, (ulong)committed, CommandDigest.FromBytes(new byte[16].Select(_ => (byte)9).ToArray())), Commit((ulong)committed));
        bench.Pass(TimeSpan.FromSeconds(2));
        var hello = bench.Open();
        bench.LastSent.OfType<SentCommand>().ShouldBeEmpty();
        bench.Receive(Welcome(5), Commit(0));

        (hello.Generation, hello.LastAssigned, hello.Known).ShouldBe((0u, 0ul, 0ul));
        var again = bench.Sent().OfType<SentCommand>().ToList();
        again.Count.ShouldBe(800);
        again.ShouldAllBe(c => c.FirstGeneration == 4 && c.FirstSeq == c.Seq);
    }

    [Theory]
    [InlineData(4300)]
    [InlineData(4301)]
    public void A_refused_generation_is_asked_for_anew(int code)
    {
        var bench = new EngineBench().Ready();
        bench.Close(code);
        bench.Pass(TimeSpan.FromSeconds(2)).Open().Generation.ShouldBe(0u);
    }

    [Fact]
    public void Numbers_outlive_a_generation()
    {
        var bench = new EngineBench().Ready(generation: 1);
        bench.Queue("one");
        var second = bench.Queue("two");
        bench.Sent();
        bench.Receive(Commit(1)).Pass(TimeSpan.FromSeconds(1));
        bench.Close(4300).Pass(TimeSpan.FromSeconds(2));
        bench.Ready(generation: 2);
        bench.Sent();

        bench.Receive(Commit(1));

        second.Number.ShouldBe(2ul);
        bench.Notices.OfType<CommandsCommitted>().Last().Through.ShouldBe(2ul);
    }

    [Fact]
    public void The_generation_of_the_newest_Welcome_counts_though_an_older_one_is_still_at_the_store()
    {
        var bench = new EngineBench();
        bench.Queue("one");
        bench.Start().Open();
        bench.AutoStore = false;
        bench.Receive(Welcome(1), Commit(0));
        bench.Close(0).Pass(TimeSpan.FromSeconds(1)).Open().Generation.ShouldBe(0u);
        bench.Receive(Welcome(2), Commit(0));

        bench.FinishBatch();
        bench.Sent().OfType<SentCommand>().ShouldBeEmpty("that was generation 1");
        bench.AutoStore = true;
        bench.FinishBatch();
        bench.Run();

        bench.Store.ReadIdentity().Generation.ShouldBe(2u);
        bench.Sent().OfType<SentCommand>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Lost_commands_call_for_a_new_generation()
    {
        var store = new MemoryDeviceStore();
        var before = new EngineBench(store).Ready();
        before.Close(0);
        foreach (var text in new[] { "a", "b", "c" })
            before.Queue(text);
        store.Remove(2);
        store.Damage = new StoreDamage([2], [], false);

        var bench = new EngineBench(store);
        bench.Start().Open().Generation.ShouldBe(0u);
        bench.Receive(Welcome(2), Commit(0));
        bench.Sent().OfType<SentCommand>().Select(c => (c.Seq, c.FirstSeq)).ShouldBe([(1, 1), (2, 3)]);
    }

    [Fact]
    public void A_token_of_somebody_else_stops_before_anything_is_sent()
    {
        var bench = new EngineBench();
        bench.Queue("a secret of ana's");
        bench.Start().Open();

        bench.Receive(Welcome(user: "bob"), Commit(0));

        bench.Sent().OfType<SentCommand>().ShouldBeEmpty();
        bench.Engine.State.ShouldBe(ConnectionState.Stopped);
        bench.Status.LastCode.ShouldBe(HoliCode.Forbidden);
    }

    [Fact]
    public void A_refused_command_is_told_with_its_code()
    {
        var bench = new EngineBench().Ready();
        bench.Queue("one");
        bench.Queue("two");
        bench.Sent();

        bench.Receive(Commit(2, new Refusal(1, HoliCode.RoleTooLow)));

        bench.Notices.OfType<CommandsCommitted>().Last().Refused.ShouldBe([new RefusedCommand(1, HoliCode.RoleTooLow)]);
    }

    [Fact]
    public void A_commit_of_what_was_never_sent_ends_the_connection()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Commit(1));
        bench.Dropped.ShouldHaveSingleItem().Code.ShouldBe(HoliCode.BadValue);
    }
}
