using Holi.Client.Engine;
using Holi.Wire.Frames;
using static Holi.Client.Tests.Engine.EngineBench;
using static Holi.Client.Tests.Engine.SentFrames;

namespace Holi.Client.Tests.Engine;

/// <summary>What the engine does where the store could not keep its word.</summary>
public sealed class DamageTests
{
    [Fact]
    public void A_hole_found_while_sending_calls_for_a_new_generation_and_the_rest_is_sent()
    {
        var bench = new EngineBench().Ready();
        bench.Close(0);
        foreach (var text in new[] { "a", "b", "c" })
            bench.Queue(text);
        bench.Store.Remove(2);

        bench.Pass(TimeSpan.FromSeconds(1));
        bench.Engine.OnOpened(bench.Connection, bench.Time);
        bench.Run().Pass(TimeSpan.FromSeconds(2)).Open().Generation.ShouldBe(0u);
        bench.Receive(Welcome(2), Commit(0));

        bench.Sent().OfType<SentCommand>().Select(c => (c.Seq, c.FirstSeq)).ShouldBe([(1, 1), (2, 3)]);
        bench.Status.QueuedCommands.ShouldBe(2);
    }

    [Fact]
    public void A_damaged_topic_is_emptied_and_fetched_again()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 2), Event(1), Event(2));

        bench.Engine.Refetch(["conversation/c1"], bench.Time);
        bench.Run();

        bench.Store.ReadEvents("conversation/c1", 0, 10).ShouldBeEmpty();
        bench.Pass(TimeSpan.FromSeconds(1)).Open().Cursors.ShouldBeEmpty();
        bench.Receive(Welcome(), Commit(0), Topic(head: 2), Event(1), Event(2));
        bench.Store.ReadEvents("conversation/c1", 0, 10).Count.ShouldBe(2);
    }

    [Fact]
    public void A_disk_slower_than_the_network_holds_the_gateway_back_and_is_not_taken_for_silence()
    {
        var bench = new EngineBench(options: new EngineOptions { User = "ana", Limits = new EngineLimits { UnstoredBytesMax = 10_000 } }).Ready();
        bench.Receive(Topic(head: 100));
        bench.AutoStore = false;
        for (ulong offset = 1; offset <= 12; offset++)
            bench.Receive(Event(offset, text: new string('x', 1_000)));
        bench.Engine.MayReceive.ShouldBeFalse();

        bench.Pass(TimeSpan.FromMinutes(3));
        bench.Dropped.ShouldBeEmpty();
        bench.FinishBatch();
        bench.FinishBatch();

        bench.Engine.MayReceive.ShouldBeTrue();
    }

    [Fact]
    public void After_the_end_nothing_is_queued_any_more()
    {
        var bench = new EngineBench().Ready();
        bench.Engine.Stop(new ObjectDisposedException("client"), bench.Time);
        bench.Queue("too late");
        bench.Notices.OfType<CommandNotQueued>().Single().Reason.ShouldBeOfType<ObjectDisposedException>();
        bench.Store.ReadOutboxSize().Count.ShouldBe(0);
    }

    [Fact]
    public void A_conversation_that_could_not_be_stored_is_forgotten()
    {
        var bench = new EngineBench();
        bench.Store.FailWith = new DeviceStoreException(DeviceStoreFailure.DiskFull, "No space left.");
        bench.Queue(new QueueRequest("conversation/new", Holi.Wire.Payloads.MessageTypes.ConversationCreate,
            Holi.Wire.Payloads.Payload.ToBytes(new Holi.Wire.Payloads.ConversationCreate("x", []))));
        bench.Notices.OfType<TopicForgotten>().Single().Topic.ShouldBe("conversation/new");
    }
}
