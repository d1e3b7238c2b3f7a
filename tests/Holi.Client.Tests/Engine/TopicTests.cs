using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using static Holi.Client.Tests.Engine.EngineBench;
using static Holi.Client.Tests.Engine.SentFrames;

namespace Holi.Client.Tests.Engine;

/// <summary>Events, cursors, acks (holi.v1.md §8).</summary>
public sealed class TopicTests
{
    private const string Topic1 = "conversation/c1";

    // Longer than anything written waits for its fsync.
    private static readonly TimeSpan SyncTime = TimeSpan.FromMilliseconds(350);

    [Fact]
    public void An_event_is_shown_when_it_is_written_and_acknowledged_only_when_it_is_synced()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 2)).Pass(SyncTime);
        bench.AutoStore = false;

        bench.Receive(Event(1), Event(2));
        bench.Notices.OfType<TopicStored>().ShouldNotContain(stored => stored.Events.Count > 0);
        bench.FinishBatch();
        bench.Notices.OfType<TopicStored>().Last().Events.Select(e => e.Offset).ShouldBe([1ul, 2ul]);
        bench.Store.Batches[^1].ShouldAllBe(write => !write.NeedsSync);
        bench.Sent().OfType<SentAck>().ShouldBeEmpty();

        bench.Pass(SyncTime);
        bench.Sent().OfType<SentAck>().ShouldBeEmpty();
        bench.FinishBatch();

        bench.Store.Batches[^1].OfType<Sync>().ShouldHaveSingleItem();
        bench.Sent().OfType<SentAck>().ShouldBe([new SentAck(1, 2)]);
        bench.Engine.NextDeadline.ShouldBeGreaterThan(bench.Now + TimeSpan.FromSeconds(1), "nothing is left to sync");
    }

    [Fact]
    public void What_the_person_sends_syncs_and_acknowledges_what_came_before_it()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 1), Event(1));
        bench.Sent().OfType<SentAck>().ShouldBeEmpty();

        bench.Queue("answer");

        bench.Sent().OfType<SentAck>().ShouldBe([new SentAck(1, 1)]);
    }

    [Fact]
    public void The_next_connection_waits_until_what_came_is_synced_and_Hello_names_it()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 2)).Pass(SyncTime);
        bench.AutoStore = false;
        bench.Receive(Event(1));
        bench.FinishBatch();
        var connection = bench.Connection;

        bench.Close(0);
        bench.Engine.ConnectNow(bench.Time);

        bench.Run().Connection.ShouldBe(connection);
        bench.FinishBatch();
        bench.Store.Batches[^1].OfType<Sync>().ShouldHaveSingleItem();
        bench.Run().Connection.ShouldBe(connection + 1);
        bench.Open().Cursors.ShouldBe([new TopicCursor(Topic1, 7, 1)]);
    }

    [Fact]
    public void A_sync_that_fails_is_tried_again_in_a_while_and_the_end_does_not_wait_for_it()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 1), Event(1));
        bench.Store.FailWith = new DeviceStoreException(DeviceStoreFailure.DiskFull, "No space left.");

        bench.Close(0).Pass(TimeSpan.FromSeconds(3.5));
        var tried = bench.Notices.OfType<ProblemMet>().Count();
        bench.Store.FailWith = null;
        bench.Pass(TimeSpan.FromSeconds(1.5));

        tried.ShouldBeInRange(2, 5);
        bench.Open().Cursors.ShouldBe([new TopicCursor(Topic1, 7, 1)]);

        bench.Receive(Welcome(topics: 1), Topic(head: 2, start: 1), Commit(0), Event(2));
        bench.Store.FailWith = new DeviceStoreException(DeviceStoreFailure.DiskFull, "No space left.");
        bench.Engine.Stop(new ObjectDisposedException("client"), bench.Time);
        bench.Run().Engine.IsStoring.ShouldBeFalse();
    }

    [Fact]
    public void What_comes_while_the_store_writes_becomes_one_batch_and_one_ack()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 100)).Pass(SyncTime);
        bench.AutoStore = false;
        for (ulong offset = 1; offset <= 50; offset++)
            bench.Receive(Event(offset));
        var before = bench.Store.Batches.Count;

        bench.FinishBatch();
        bench.FinishBatch();
        (bench.Store.Batches.Count - before).ShouldBe(2);
        bench.Pass(SyncTime);
        bench.FinishBatch();

        bench.Sent().OfType<SentAck>().ShouldBe([new SentAck(1, 50)]);
    }

    [Fact]
    public void A_gap_ends_the_connection_and_nothing_behind_it_is_stored()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 9), Event(1), Event(3), Event(4));

        bench.Dropped.ShouldHaveSingleItem();
        bench.Store.ReadEvents(Topic1, 0, 10).Select(e => e.Offset).ShouldBe([1ul]);
        // The device says Hello again, soon, from what it has.
        bench.Pass(TimeSpan.FromSeconds(1)).Open().Cursors.ShouldBe([new TopicCursor(Topic1, 7, 1)]);
    }

    [Fact]
    public void Gaps_without_end_slow_the_device_down()
    {
        var bench = new EngineBench().Ready();
        var connections = 1;
        for (var second = 0; second < 30; second++)
        {
            if (bench.Engine.State == ConnectionState.Ready)
                bench.Receive(Topic(head: 9), Event(5));
            bench.Pass(TimeSpan.FromSeconds(1));
            if (bench.Engine.State == ConnectionState.Connecting && ++connections > 0)
                bench.Ready();
        }
        connections.ShouldBeLessThan(6);
    }

    [Fact]
    public void An_event_that_comes_again_is_dropped()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 2), Event(1), Event(2));
        bench.Close(0).Pass(TimeSpan.FromSeconds(1)).Ready();

        // A gateway may begin earlier than the cursor.
        bench.Receive(Topic(head: 3, start: 0), Event(1), Event(2), Event(2), Event(3));

        bench.Notices.OfType<TopicStored>().SelectMany(n => n.Events).Select(e => e.Offset).ShouldBe([1ul, 2ul, 3ul]);
        bench.Dropped.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_taken_on_the_last_connection_is_not_stored_twice_and_not_acknowledged_before_it_was_sent_here()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 2)).Pass(TimeSpan.FromMilliseconds(200));
        bench.AutoStore = false;
        bench.Receive(Event(1), Event(2));
        bench.Close(0).Pass(TimeSpan.FromSeconds(1));
        var connection = bench.Connection;
        bench.AutoStore = true;
        bench.FinishBatch();
        bench.Run().Connection.ShouldBe(connection + 1, "it connects again once what it took is safe");
        bench.Open().Cursors.Single().Offset.ShouldBe(2ul);
        // A gateway that begins earlier than asked.
        bench.Receive(Welcome(), Commit(0), Topic(head: 2, start: 0)).Pass(SyncTime);
        bench.Sent().OfType<SentAck>().ShouldBeEmpty("an ack beyond what was sent here closes with 4415");

        bench.Receive(Event(1), Event(2)).Pass(SyncTime);

        bench.Sent().OfType<SentAck>().Last().ShouldBe(new SentAck(1, 2));
        bench.Store.ReadEvents(Topic1, 0, 10).Count.ShouldBe(2);
    }

    [Fact]
    public void A_skip_moves_the_cursor_without_an_event()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 12, start: 10), new SkipFrame(1, 10, SkipReason.BeyondBacklog).Write, Event(11)).Pass(SyncTime);

        bench.Sent().OfType<SentAck>().Last().ShouldBe(new SentAck(1, 11));
        bench.Store.ReadTopics().Single().Cursor.ShouldBe(11ul);
    }

    [Fact]
    public void Another_epoch_drops_what_is_held()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(epoch: 7, head: 2), Event(1), Event(2));
        bench.Close(0).Pass(TimeSpan.FromSeconds(1)).Ready();

        bench.Receive(Topic(epoch: 8, head: 1), Event(1, text: "other"));

        bench.Store.ReadEvents(Topic1, 0, 10).ShouldHaveSingleItem();
        bench.Store.ReadTopics().Single().ShouldBe(bench.Store.ReadTopics().Single() with { Epoch = 8, Cursor = 1 });
        bench.Notices.OfType<TopicStored>().Last().Topic.Epoch.ShouldBe(8ul);
    }

    [Fact]
    public void A_history_that_became_shorter_without_a_new_epoch_is_not_believed()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 2), Event(1), Event(2));
        bench.Close(0).Pass(TimeSpan.FromSeconds(1)).Ready();

        bench.Receive(Topic(head: 1));

        bench.Dropped.ShouldHaveSingleItem();
        bench.Store.ReadEvents(Topic1, 0, 10).Count.ShouldBe(2);
    }

    [Fact]
    public void A_deleted_message_is_erased_here_too()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 1), Event(1, text: "regret"));
        bench.Receive(output => new EventFrame(1, 2, 1_800_000_000_000, 2, MessageTypes.MessageDelete, new(new MessageDelete(1).ToBytes()))
            .Write(output, 1_800_000_000_000));

        bench.Store.ReadEvents(Topic1, 0, 10)[0].Type.ShouldBe(MessageTypes.MessageErased);
    }

    [Fact]
    public void Cursors_that_do_not_fit_into_Hello_are_told_by_Follow()
    {
        var store = new MemoryDeviceStore();
        for (var i = 0; i < 500; i++)
            store.Write([new PutTopic(new ReplicaTopic($"conversation/{i:d4}-{new string('x', 50)}", 7, 5, 5, 1, 0, MemberRole.Member, 1, null, 2, 5, i, false))]);
        var bench = new EngineBench(store);

        var hello = bench.Start().Open();
        hello.Backlog.ShouldBe(-1);
        hello.Cursors.Count.ShouldBeInRange(100, 499);
        var left = store.ReadTopics().Select(t => t.Name).Except(hello.Cursors.Select(c => c.Name)).First();
        bench.Receive(Welcome(topics: 500), Commit(0), Topic(number: 9, name: left, head: 6));

        var follow = bench.Sent().OfType<FollowFrame>().Single();
        (follow.Topic, follow.Epoch, follow.Offset).ShouldBe((9u, 7ul, 5ul));
    }

    [Fact]
    public void A_conversation_that_Welcome_does_not_announce_is_gone()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 1), Event(1), Topic(number: 2, name: "conversation/c2"));
        bench.Close(0).Pass(TimeSpan.FromSeconds(1)).Ready(topics: 1);

        bench.Receive(Topic(number: 2, name: "conversation/c2")).Pass(TimeSpan.FromMilliseconds(200));

        bench.Store.ReadTopics().Single(t => t.Name == Topic1).Gone.ShouldBeTrue();
        bench.Store.ReadTopics().Single(t => t.Name != Topic1).Gone.ShouldBeFalse();
        bench.Store.ReadEvents(Topic1, 0, 10).Count.ShouldBe(1, "the app decides what becomes of it");
    }

    [Fact]
    public void A_full_disk_ends_the_connection_and_what_came_is_asked_for_again()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 3), Event(1));
        bench.Store.FailWith = new DeviceStoreException(DeviceStoreFailure.DiskFull, "No space left.");
        bench.Sent();

        bench.Receive(Event(2));
        bench.Dropped.ShouldHaveSingleItem();
        bench.Sent().OfType<SentAck>().ShouldBeEmpty();
        bench.Store.FailWith = null;
        bench.Pass(TimeSpan.FromSeconds(2));

        bench.Open().Cursors.Single().Offset.ShouldBe(1ul);
    }

    [Fact]
    public void Bulk_credit_comes_back_only_after_the_store_has_the_bytes()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 1_000));
        bench.AutoStore = false;
        for (ulong offset = 1; offset <= 20; offset++)
            bench.Receive(Event(offset, text: new string('x', 15_000)));
        for (ulong offset = 21; offset <= 40; offset++)
            bench.Receive(Event(offset, text: new string('x', 15_000)));
        bench.Sent().OfType<CreditFrame>().ShouldBeEmpty();

        bench.FinishBatch();
        bench.FinishBatch();

        // Of each batch at once: it tells the gateway how fast the link is (§5.4).
        var credits = bench.Sent().OfType<CreditFrame>().ToArray();
        credits.Length.ShouldBe(2);
        credits.ShouldAllBe(credit => credit.Lane == Lane.Bulk);
    }

    [Fact]
    public void A_history_page_is_told_when_it_is_stored()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 12, start: 10), new SkipFrame(1, 10, SkipReason.BeyondBacklog).Write, Event(11));
        bench.Sent();
        bench.Engine.AskHistory(new HistoryQuestion(Topic1, before: 11, count: 2), bench.Time);
        var asked = bench.Sent().OfType<HistoryRequestFrame>().Single();
        asked.Before.ShouldBe(11ul);

        var frames = new System.Buffers.ArrayBufferWriter<byte>();
        Event(9)(frames);
        Event(10)(frames);
        bench.Receive(new HistoryPageFrame(asked.Request, 1, Last: false, new(frames.WrittenMemory)).Write);

        bench.Notices.OfType<HistoryLoaded>().Single().ShouldBe(new HistoryLoaded(bench.Notices.OfType<HistoryLoaded>().Single().Question, 2, 9, false));
        bench.Store.ReadEvents(Topic1, 0, 10).Select(e => e.Offset).ShouldBe([9ul, 10ul, 11ul]);
        bench.Store.ReadTopics().Single().Cursor.ShouldBe(11ul);
    }

    [Fact]
    public void The_echo_of_what_this_device_said_rides_with_a_later_batch_and_what_others_say_does_not_wait()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(member: 1)).Pass(SyncTime);
        bench.Queue("mine");
        bench.Sent();
        var before = bench.Store.Batches.Count;

        bench.Receive(Commit(1), Event(1, member: 1));
        bench.Store.Batches.Count.ShouldBe(before);
        bench.Receive(Event(2, member: 2));

        bench.Store.Batches.Count.ShouldBe(before + 1);
        bench.Receive(Event(3, member: 1));
        bench.Store.Batches.Count.ShouldBe(before + 2, "another device of the same person is somebody else");
    }

    [Fact]
    public void Bulk_credit_of_events_that_were_known_comes_back_too()
    {
        var bench = new EngineBench().Ready();
        bench.Receive(Topic(head: 60));
        for (ulong offset = 1; offset <= 60; offset++)
            bench.Receive(Event(offset, text: new string('x', 15_000)));
        bench.Sent();
        bench.Close(0).Pass(TimeSpan.FromSeconds(1)).Ready(topics: 1);
        bench.Receive(Topic(head: 60, start: 0));

        for (ulong offset = 1; offset <= 60; offset++)
            bench.Receive(Event(offset, text: new string('x', 15_000)));

        bench.Sent().OfType<CreditFrame>().ShouldNotBeEmpty();
    }
}
