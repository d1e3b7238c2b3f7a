using Holi.Client.Engine;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using static Holi.Client.Tests.Engine.EngineBench;
using static Holi.Client.Tests.Engine.SentFrames;

namespace Holi.Client.Tests.Engine;

/// <summary>The outbox's two ends (holi.v1.md §7; lessons 1 and 2).</summary>
public sealed class QueueTests
{
    private static QueueRequest Mark(ulong offset, string topic = "conversation/c1") =>
        new(topic, MessageTypes.ReadMark, new ReadMark(offset).ToBytes());

    [Fact]
    public void Read_marks_that_were_never_sent_become_one()
    {
        var bench = new EngineBench();
        bench.Queue("first");
        var marks = new[] { bench.Queue(Mark(3)), bench.Queue(Mark(9)), bench.Queue(Mark(5)) };

        bench.Ready();

        var sent = bench.Sent().OfType<SentCommand>().ToList();
        sent.Select(c => (c.Seq, c.Type)).ShouldBe([(1, MessageTypes.MessagePost), (2, MessageTypes.ReadMark)]);
        ReadMark.TryRead(new(sent[1].Payload), out var mark).ShouldBeTrue();
        mark.Offset.ShouldBe(9ul);
        marks.ShouldAllBe(m => m.Number == 2);
        bench.Status.QueuedCommands.ShouldBe(2);
    }

    [Fact]
    public void A_read_mark_that_may_have_been_sent_is_never_rewritten()
    {
        var bench = new EngineBench().Ready();
        bench.Queue(Mark(3));
        bench.Close(0);
        bench.Queue(Mark(9));

        bench.Pass(TimeSpan.FromSeconds(1)).Ready();

        bench.Sent().OfType<SentCommand>().Count().ShouldBe(0, "both went behind Hello");
        bench.LastSent.OfType<SentCommand>().Select(c => c.Seq).ShouldBe([1ul, 2ul]);
    }

    [Fact]
    public void Marks_join_while_the_store_is_busy_too()
    {
        var bench = new EngineBench { AutoStore = false };
        bench.Queue("first");
        for (ulong offset = 1; offset <= 100; offset++)
            bench.Queue(Mark(offset));
        bench.FinishBatch();
        bench.FinishBatch();
        bench.HasBatch.ShouldBeFalse();
        bench.Store.ReadOutbox(0, 1_000, int.MaxValue).Count.ShouldBe(2);
    }

    [Fact]
    public void A_full_outbox_says_which_limit_and_how_much()
    {
        var options = new EngineOptions { User = "ana", Limits = new EngineLimits { OutboxCommandsMax = 2 } };
        var bench = new EngineBench(options: options);
        bench.Queue("1");
        bench.Queue("2");
        bench.Queue("3");

        var refused = bench.Notices.OfType<CommandNotQueued>().Single().Reason.ShouldBeOfType<OutboxFullException>();
        (refused.Limit, refused.Max, refused.Count).ShouldBe(("OutboxCommandsMax", 2, 2));
        bench.Store.ReadOutboxSize().Count.ShouldBe(2);
    }

    [Fact]
    public void A_full_disk_fails_the_send_loudly_and_gives_no_seq_away()
    {
        var bench = new EngineBench();
        bench.Queue("kept");
        bench.Store.FailWith = new DeviceStoreException(DeviceStoreFailure.DiskFull, "No space left.");
        bench.Queue("lost, and said so");
        bench.Notices.OfType<CommandNotQueued>().Single().Reason.ShouldBeOfType<DeviceStoreException>();
        bench.Store.FailWith = null;

        bench.Queue("kept as well").Number.ShouldBe(2ul);

        bench.Ready();
        bench.Sent().OfType<SentCommand>().Select(c => c.Seq).ShouldBe([1ul, 2ul]);
        bench.Status.QueuedCommands.ShouldBe(2);
    }

    [Fact]
    public void The_window_bounds_what_is_on_its_way_and_a_commit_renews_it()
    {
        var bench = new EngineBench();
        for (var i = 0; i < 30; i++)
            bench.Queue($"{i}");
        bench.Start().Open();
        bench.Receive(Welcome(limits: new WelcomeLimits(10, 1 << 20, WireLimits.FrameBytesMax, 1, 1)), Commit(0));
        bench.Sent().OfType<SentCommand>().Last().Seq.ShouldBe(10ul);

        bench.Receive(Commit(7));

        bench.Sent().OfType<SentCommand>().Select(c => c.Seq).ShouldBe([11, 12, 13, 14, 15, 16, 17]);
    }

    [Fact]
    public void A_long_queue_is_read_page_by_page()
    {
        var bench = new EngineBench();
        for (var i = 0; i < 5_000; i++)
            bench.Queue($"message {i}");
        bench.Ready();
        var seqs = new List<ulong>();
        for (ulong committed = 0; committed < 5_000; committed = seqs[^1])
        {
            seqs.AddRange(bench.Sent().OfType<SentCommand>().Select(c => c.Seq));
            bench.Receive(Commit(seqs[^1]));
        }
        seqs.ShouldBe(Enumerable.Range(1, 5_000).Select(i => (ulong)i));
        bench.Pass(TimeSpan.FromSeconds(1)).Store.ReadOutboxSize().Count.ShouldBe(0);
    }

    [Fact]
    public void A_new_command_goes_out_after_one_write_without_being_read_back()
    {
        var bench = new EngineBench().Ready();
        var before = bench.Store.Batches.Count;

        bench.Queue("now");

        bench.Store.Batches.Skip(before).Single().Select(w => w.GetType()).ShouldBe([typeof(QueueCommand), typeof(RaiseSendFloor)]);
        bench.Sent().OfType<SentCommand>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Nothing_is_sent_before_the_store_has_it()
    {
        var bench = new EngineBench().Ready();
        bench.AutoStore = false;
        bench.Queue("not yet");
        bench.Sent().OfType<SentCommand>().ShouldBeEmpty();
        bench.FinishBatch();
        bench.Sent().OfType<SentCommand>().ShouldHaveSingleItem();
    }

    [Fact]
    public void A_gap_reported_by_the_gateway_is_filled_from_where_it_says()
    {
        var bench = new EngineBench().Ready();
        for (var i = 0; i < 5; i++)
            bench.Queue($"{i}");
        bench.Sent();

        bench.Receive(new ErrorFrame(HoliCode.SeqGap, 0, 0, 4).Write, Commit(2));

        bench.Sent().OfType<SentCommand>().Select(c => c.Seq).ShouldBe([3ul, 4ul, 5ul]);
        bench.Receive(Commit(5)).Pass(TimeSpan.FromSeconds(1));
        bench.Store.ReadIdentity().Known.ShouldBe(5ul);
    }

    [Fact]
    public void A_conversation_made_offline_can_be_written_to_at_once()
    {
        var bench = new EngineBench();
        bench.Queue(new QueueRequest("conversation/new", MessageTypes.ConversationCreate, new ConversationCreate("Ward 3", []).ToBytes()));
        bench.Queue("first words", "conversation/new");

        bench.Store.ReadTopics().Single().Title.ShouldBe("Ward 3");
        bench.Start().Open().Cursors.ShouldBeEmpty();
        bench.Receive(Welcome(), Commit(0));
        bench.Sent().OfType<SentCommand>().Select(c => c.Type).ShouldBe([MessageTypes.ConversationCreate, MessageTypes.MessagePost]);
    }

    [Fact]
    public void A_connection_that_begins_while_commands_are_leaving_the_outbox_begins_behind_them()
    {
        var bench = new EngineBench().Ready();
        for (var i = 0; i < 10; i++)
            bench.Queue($"{i}");
        var sent = bench.Sent().OfType<SentCommand>().ToList();
        bench.AutoStore = false;
        bench.Receive(Commit(7)).Pass(TimeSpan.FromSeconds(1));
        bench.HasBatch.ShouldBeTrue("the drop is at the store");
        bench.Close(0).Pass(TimeSpan.FromSeconds(1));

        bench.Engine.OnOpened(bench.Connection, bench.Time);
        bench.FinishBatch();
        bench.Run();

        var frames = bench.Sent();
        var hello = frames.OfType<HelloFrame>().Single();
        (hello.Generation, hello.Known).ShouldBe((1u, 7ul));
        hello.Digest.ShouldBe(Digests.Of(default, sent.Take(7), "conversation/c1"));
        frames.OfType<SentCommand>().Select(c => c.Seq).ShouldBe([8ul, 9ul, 10ul]);
        bench.Dropped.ShouldBeEmpty();
    }
}
