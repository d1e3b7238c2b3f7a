using System.Text;
using Holi.Wire;
using Holi.Wire.Payloads;
using static Holi.Client.Tests.Store.StoreSamples;

namespace Holi.Client.Tests.Store;

/// <summary>
/// What every <see cref="IDeviceStore"/> must do, whatever it is made of. A store is tested by a class that inherits this one and says how to open it;
/// opening again must give what the one before had written.
/// </summary>
public abstract class DeviceStoreContract
{
    /// <summary>Opens the one store of this test. The one opened before was disposed of.</summary>
    protected abstract IDeviceStore Open();

    [Fact]
    public void A_new_store_has_an_identity_and_keeps_it()
    {
        DeviceIdentity first;
        using (var store = Open())
        {
            first = store.ReadIdentity();
            first.Device.ShouldMatch("^[A-Za-z0-9_-]{16,64}$");
            first.ShouldBe(new DeviceIdentity(first.Device, 0, 0, 0, default, 0, 0));
            store.ReadOutboxSize().ShouldBe((0, 0));
            store.ReadTopics().ShouldBeEmpty();
            store.Damage.Any.ShouldBeFalse();
        }
        using (var store = Open())
            store.ReadIdentity().ShouldBe(first);
    }

    [Fact]
    public void Queued_commands_come_back_in_order_after_reopening()
    {
        using (var store = Open())
        {
            store.Write(Queue(1, 3));
            store.Write(Queue(4, 10));
        }
        using (var store = Open())
        {
            store.ReadIdentity().LastAssigned.ShouldBe(10UL);
            var commands = store.ReadOutbox(0, 100, int.MaxValue);
            commands.Count.ShouldBe(10);
            for (var at = 0; at < 10; at++)
                ShouldBeSame(commands[at], Command((ulong)at + 1));
            store.ReadOutboxSize().ShouldBe((10, commands.Sum(command => command.Payload.Length)));
            store.Damage.Any.ShouldBeFalse();
        }
    }

    [Fact]
    public void An_outbox_is_read_in_pieces_by_count_and_by_bytes()
    {
        using var store = Open();
        store.Write(Queue(1, 9));
        store.ReadOutbox(0, 4, int.MaxValue).Select(command => command.Seq).ShouldBe([1UL, 2, 3, 4]);
        store.ReadOutbox(4, 4, int.MaxValue).Select(command => command.Seq).ShouldBe([5UL, 6, 7, 8]);
        store.ReadOutbox(8, 4, int.MaxValue).Select(command => command.Seq).ShouldBe([9UL]);
        store.ReadOutbox(9, 4, int.MaxValue).ShouldBeEmpty();
        store.ReadOutbox(0, 9, 25).Select(command => command.Seq).ShouldBe([1UL, 2]); // "message n" is 9 bytes
        store.ReadOutbox(0, 9, 1).Select(command => command.Seq).ShouldBe([1UL]);
        store.ReadOutbox(0, 0, int.MaxValue).ShouldBeEmpty();
    }

    [Fact]
    public void An_empty_payload_and_a_large_one_come_back()
    {
        var large = new byte[200_000];
        new Random(1).NextBytes(large);
        using (var store = Open())
        {
            store.Write([
                new QueueCommand(Command(1) with { Payload = [] }), new QueueCommand(Command(2) with { Payload = large }), new QueueCommand(Command(3)),
                new PutTopic(NewTopic()), new AppendEvents(Topic, 2, [Event(1) with { Payload = [] }, Event(2) with { Payload = large }])]);
        }
        using (var store = Open())
        {
            var commands = store.ReadOutbox(0, 10, int.MaxValue);
            commands.Select(command => command.Payload.Length).ShouldBe([0, 200_000, 9]);
            commands[1].Payload.ShouldBe(large);
            store.ReadEvents(Topic, 0, 10).Select(each => each.Payload.Length).ShouldBe([0, 200_000]);
            store.ReadEvents(Topic, 1, 10)[0].Payload.ShouldBe(large);
        }
    }

    [Fact]
    public void What_is_committed_leaves_the_outbox()
    {
        using (var store = Open())
        {
            store.Write(Queue(1, 10));
            store.Write([new DropCommitted(6, Digest(6))]);
            store.ReadOutbox(0, 100, int.MaxValue).Select(command => command.Seq).ShouldBe([7UL, 8, 9, 10]);
        }
        using (var store = Open())
        {
            var identity = store.ReadIdentity();
            (identity.Known, identity.LastAssigned, identity.Digest, identity.SendFloor).ShouldBe((6UL, 10UL, Digest(6), 6UL));
            store.ReadOutboxSize().ShouldBe((4, 4 * 9 + 1));
            store.Write([new DropCommitted(10, Digest(10))]);
            store.ReadOutboxSize().ShouldBe((0, 0));
            store.ReadOutbox(0, 100, int.MaxValue).ShouldBeEmpty();
            store.Write(Queue(11, 12));
            store.ReadOutbox(0, 100, int.MaxValue).Select(command => command.Seq).ShouldBe([11UL, 12]);
            store.Damage.Any.ShouldBeFalse();
        }
    }

    [Fact]
    public void A_command_that_was_not_sent_may_be_rewritten()
    {
        using (var store = Open())
        {
            store.Write([.. Queue(1, 3), new RaiseSendFloor(1)]);
            store.Write([new RewriteCommand(2, Payload("coalesced"))]);
            store.Write([new QueueCommand(Command(4)), new RewriteCommand(4, Payload("within one batch"))]);
        }
        using (var store = Open())
        {
            var commands = store.ReadOutbox(0, 100, int.MaxValue);
            ShouldBeSame(commands[1], Command(2, "coalesced"));
            ShouldBeSame(commands[3], Command(4, "within one batch"));
            store.ReadOutboxSize().Bytes.ShouldBe(commands.Sum(command => command.Payload.Length));
            store.ReadIdentity().SendFloor.ShouldBe(1UL);
        }
    }

    [Fact]
    public void A_new_generation_numbers_from_1_and_keeps_first_identities()
    {
        using (var store = Open())
        {
            store.Write([new StartGeneration(5), .. Queue(1, 6), new RaiseSendFloor(4), new ReserveOpenings(7)]);
            store.Write([new DropCommitted(2, Digest(2))]);
            store.Write([new StartGeneration(6), new QueueCommand(Command(5, "new"))]);
        }
        using (var store = Open())
        {
            var identity = store.ReadIdentity();
            identity.ShouldBe(new DeviceIdentity(identity.Device, 6, 5, 0, default, 0, 7));
            var commands = store.ReadOutbox(0, 100, int.MaxValue);
            commands.Select(command => (command.Seq, command.FirstGeneration, command.FirstSeq))
                .ShouldBe([(1UL, 5U, 3UL), (2UL, 5U, 4UL), (3UL, 5U, 5UL), (4UL, 5U, 6UL), (5UL, 0U, 0UL)]);
            commands[0].Payload.ShouldBe(Payload("message 3"));

            store.Write([new DropCommitted(1, Digest(1)), new StartGeneration(9)]);
            store.ReadOutbox(0, 100, int.MaxValue).Select(command => (command.Seq, command.FirstGeneration, command.FirstSeq))
                .ShouldBe([(1UL, 5U, 4UL), (2UL, 5U, 5UL), (3UL, 5U, 6UL), (4UL, 6U, 5UL)]);
        }
    }

    [Fact]
    public void What_was_queued_before_any_generation_has_its_first_identity_in_one_of_the_stores_own()
    {
        using var store = Open();
        store.ReadIdentity().Generation.ShouldBe(0U);
        store.Write(Queue(1, 2));
        store.Write([new StartGeneration(1), new QueueCommand(Command(3))]);
        var commands = store.ReadOutbox(0, 100, int.MaxValue);
        var own = commands[0].FirstGeneration;
        own.ShouldBeGreaterThanOrEqualTo(WireLimits.OwnGenerationMin);
        commands.Select(command => (command.FirstGeneration, command.FirstSeq)).ShouldBe([(own, 1UL), (own, 2UL), (0U, 0UL)]);
        store.Write([new StartGeneration(2)]);
        store.ReadOutbox(0, 100, int.MaxValue).Select(command => (command.FirstGeneration, command.FirstSeq)).ShouldBe([(own, 1UL), (own, 2UL), (1U, 3UL)]);
    }

    [Fact]
    public void Openings_are_kept_through_reopening_and_never_go_down()
    {
        using (var store = Open())
        {
            store.Write([new ReserveOpenings(1_000_000)]);
            store.Write([new ReserveOpenings(long.MaxValue), .. Queue(1, 2)]);
            store.Write([new ReserveOpenings(5)]);
        }
        using (var store = Open())
            store.ReadIdentity().Openings.ShouldBe((ulong)long.MaxValue);
    }

    [Fact]
    public void A_batch_that_contradicts_the_store_leaves_nothing()
    {
        using var store = Open();
        store.Write([.. Queue(1, 3), new RaiseSendFloor(2), new PutTopic(NewTopic(cursor: 5))]);
        StoreWrite[] wrong =
        [
            new QueueCommand(Command(9)), new QueueCommand(Command(3)), new RewriteCommand(2, []), new RewriteCommand(9, []), new RaiseSendFloor(9),
            new DropCommitted(9, default), new StartGeneration(0), new AppendEvents("conversation/other", 1, [Event(1)]),
            new AppendEvents(Topic, 6, [Event(5)]), new AppendEvents(Topic, 6, [Event(7)]), new AppendEvents(Topic, 4, []),
            new MarkComplete("conversation/other", 1, 1), new EraseEvent("conversation/other", 1), new AddHistory("conversation/other", [Event(1)]),
        ];
        foreach (var each in wrong)
        {
            var before = store.ReadIdentity();
            Should.Throw<ArgumentException>(() => store.Write([
                new QueueCommand(Command(4)), new AppendEvents(Topic, 8, [Event(6)]) with { Cursor = 6 }, each]), each.GetType().Name);
            store.ReadIdentity().ShouldBe(before);
            store.ReadOutboxSize().Count.ShouldBe(3);
            store.ReadOutbox(0, 10, int.MaxValue).Count.ShouldBe(3);
            store.ReadTopics().Single().Cursor.ShouldBe(5UL);
            store.ReadEvents(Topic, 0, 10).ShouldBeEmpty();
        }
        store.Write([new QueueCommand(Command(4))]);
        store.ReadOutbox(3, 10, int.MaxValue).Single().Payload.ShouldBe(Payload("message 4"));
    }

    [Fact]
    public void Topics_are_put_and_replaced()
    {
        var other = NewTopic("user/ana", 1, 0) with { Title = null, Gone = true, Role = MemberRole.Owner, CompleteAtMs = -5 };
        using (var store = Open())
        {
            store.Write([new PutTopic(NewTopic()), new PutTopic(other)]);
            store.Write([new PutTopic(NewTopic() with { Title = "Ward 5", Head = 101 }), new MarkComplete(Topic, 99, 1_700_000_000_001)]);
        }
        using (var store = Open())
        {
            store.ReadTopics().OrderBy(topic => topic.Name).ShouldBe([
                NewTopic() with { Title = "Ward 5", Head = 101, CompleteThrough = 99, CompleteAtMs = 1_700_000_000_001 }, other]);
        }
    }

    [Fact]
    public void Events_are_appended_and_the_cursor_moves_with_them()
    {
        using (var store = Open())
        {
            store.Write([new PutTopic(NewTopic()), new PutTopic(NewTopic("user/ana"))]);
            store.Write([new AppendEvents(Topic, 3, Events(1, 3)), new AppendEvents("user/ana", 2, Events(2, 2, "user/ana"))]);
            store.Write([new AppendEvents(Topic, 20, [Event(5), Event(6)]), new AppendEvents(Topic, 25, [])]);
        }
        using (var store = Open())
        {
            store.ReadTopics().Single(topic => topic.Name == Topic).Cursor.ShouldBe(25UL);
            var events = store.ReadEvents(Topic, 0, 100);
            events.Select(each => each.Offset).ShouldBe([1UL, 2, 3, 5, 6]);
            ShouldBeSame(events[3], Event(5));
            store.ReadEvents(Topic, 2, 2).Select(each => each.Offset).ShouldBe([3UL, 5]);
            store.ReadEvents(Topic, 6, 2).ShouldBeEmpty();
            store.ReadEvents("user/ana", 0, 100).Select(each => (each.Topic, each.Offset)).ShouldBe([("user/ana", 2UL)]);
            store.ReadEvents("user/nobody", 0, 100).ShouldBeEmpty();
            store.ReadEventsBack(Topic, 0, 2).Select(each => each.Offset).ShouldBe([5UL, 6]);
            store.ReadEventsBack(Topic, 5, 2).Select(each => each.Offset).ShouldBe([2UL, 3]);
            store.ReadEventsBack(Topic, 1, 2).ShouldBeEmpty();
            store.ReadEventsBack("user/nobody", 0, 2).ShouldBeEmpty();
        }
    }

    [Fact]
    public void History_fills_in_below_the_cursor_and_changes_nothing_else()
    {
        using var store = Open();
        store.Write([new PutTopic(NewTopic()), new AppendEvents(Topic, 10, Events(8, 10))]);
        store.Write([new AddHistory(Topic, [Event(5, "old 5"), Event(8, "not this one"), Event(11, "nor this")])]);
        store.ReadTopics().Single().Cursor.ShouldBe(10UL);
        store.ReadEvents(Topic, 0, 100).Select(each => each.Offset).ShouldBe([5UL, 8, 9, 10]);
        store.ReadEvents(Topic, 7, 1)[0].Payload.ShouldBe(Payload("event 8"));
        store.Write([new AppendEvents(Topic, 11, [Event(11)])]);
        store.ReadEvents(Topic, 10, 1)[0].Payload.ShouldBe(Payload("event 11"));
    }

    [Fact]
    public void Another_epoch_empties_a_topic()
    {
        using (var store = Open())
        {
            store.Write([new PutTopic(NewTopic()), new AppendEvents(Topic, 10, Events(1, 10))]);
            store.Write([new PutTopic(NewTopic() with { Epoch = 8 })]);
            store.ReadEvents(Topic, 0, 100).ShouldBeEmpty();
            store.Write([new AppendEvents(Topic, 2, [Event(1, "other"), Event(2, "history")])]);
        }
        using (var store = Open())
        {
            store.ReadTopics().Single().ShouldBe(NewTopic() with { Epoch = 8, Cursor = 2 });
            store.ReadEvents(Topic, 0, 100).Select(each => Encoding.UTF8.GetString(each.Payload)).ShouldBe(["other", "history"]);
        }
    }

    [Fact]
    public void An_erased_event_keeps_its_place_and_loses_its_payload()
    {
        using (var store = Open())
        {
            store.Write([new PutTopic(NewTopic()), new AppendEvents(Topic, 3, Events(1, 3))]);
            store.Write([new EraseEvent(Topic, 2), new EraseEvent(Topic, 3_000)]);
        }
        using (var store = Open())
        {
            var events = store.ReadEvents(Topic, 0, 10);
            events.Select(each => each.Type).ShouldBe([MessageTypes.MessagePost, MessageTypes.MessageErased, MessageTypes.MessagePost]);
            ShouldBeSame(events[1], Event(2) with { Type = MessageTypes.MessageErased, Payload = [] });
            store.Damage.Any.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Reads_beside_a_writer_see_whole_batches()
    {
        using var store = Open();
        store.Write([new PutTopic(NewTopic())]);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var known = store.ReadIdentity().Known;
                var commands = store.ReadOutbox(known, 500, int.MaxValue);
                for (var at = 1; at < commands.Count; at++)
                    commands[at].Seq.ShouldBe(commands[at - 1].Seq + 1);
                (store.ReadEvents(Topic, 0, 10_000).Count % 10).ShouldBe(0);
            }
        })).ToArray();
        for (var batch = 0UL; batch < 60; batch++)
        {
            store.Write([.. Queue((batch * 10) + 1, (batch * 10) + 10),
                new AppendEvents(Topic, (batch * 10) + 10, Events((batch * 10) + 1, (batch * 10) + 10))]);
            if (batch % 2 == 1)
                store.Write([new DropCommitted((batch * 10) + 5, default)]);
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        store.Damage.Any.ShouldBeFalse();
    }

    [Fact]
    public void An_empty_batch_does_nothing()
    {
        using var store = Open();
        store.Write([]);
        store.ReadOutboxSize().ShouldBe((0, 0));
    }
}
