using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>What gathers: in order, bounded, positions merged and unhurried.</summary>
public sealed class CommitInboxTests
{
    [Fact]
    public void What_backends_submit_is_taken_whole_or_not_at_all_and_leaves_half_of_the_queue_to_devices()
    {
        var inbox = new CommitInbox(new CommitLimits { QueueInputsMax = 8 });
        inbox.TryAddTogether(Audits(3)).ShouldBeTrue();
        inbox.TryAddTogether(Audits(2)).ShouldBeFalse();
        inbox.Count.ShouldBe(3);
        inbox.TryAddTogether(Audits(1)).ShouldBeTrue();
        inbox.TryAdd(Audits(1)[0]).ShouldBeTrue();
        inbox.TryAddTogether(Audits(1)).ShouldBeFalse();
        List<CommitInput> batch = [];
        inbox.TryTake(batch, TimeSpan.Zero).ShouldBeTrue();
        inbox.TryAddTogether(Audits(20)).ShouldBeTrue("more than its share comes when nothing else is there");
        inbox.Close();
        inbox.TryTake(batch, TimeSpan.Zero).ShouldBeTrue();
        inbox.TryAddTogether(Audits(1)).ShouldBeFalse();
    }

    private static CommitInput[] Audits(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new SubmitAudit(new AuditEntry(1, "clinic", "ana", "", "test", "")))];

    private static readonly DeviceKey Ana = new(Scene.Tenant, "ana", "phone");
    private readonly List<CommitInput> _batch = [];
    private ulong _seq;

    [Fact]
    public void Inputs_are_taken_in_order_up_to_the_batchs_count()
    {
        var inbox = new CommitInbox(new CommitLimits { BatchInputsMax = 2 });
        var inputs = Enumerable.Range(0, 5).Select(_ => Command()).ToArray();
        foreach (var input in inputs)
            inbox.TryAdd(input).ShouldBeTrue();
        Take(inbox, 0).ShouldBe(inputs[..2]);
        Take(inbox, 0).ShouldBe(inputs[2..4]);
        Take(inbox, 0).ShouldBe(inputs[4..]);
        Take(inbox, 0).ShouldBeEmpty();
    }

    [Fact]
    public void A_batch_is_bounded_by_bytes_but_takes_at_least_one()
    {
        var inbox = new CommitInbox(new CommitLimits { BatchBytesMax = 2_000 });
        inbox.TryAdd(Command(1_000));
        inbox.TryAdd(Command(1_000));
        inbox.TryAdd(Command(5_000));
        Take(inbox, 0).Count.ShouldBe(1);
        Take(inbox, 0).Count.ShouldBe(1);
        Take(inbox, 0).Count.ShouldBe(1);
    }

    [Fact]
    public void It_is_bounded_by_count_and_bytes_and_has_room_again_when_taken_from()
    {
        var byCount = new CommitInbox(new CommitLimits { QueueInputsMax = 2 });
        byCount.TryAdd(Command()).ShouldBeTrue();
        byCount.TryAdd(Command()).ShouldBeTrue();
        byCount.TryAdd(Command()).ShouldBeFalse();
        Take(byCount, 0);
        byCount.TryAdd(Command()).ShouldBeTrue();

        var byBytes = new CommitInbox(new CommitLimits { QueueBytesMax = 2_000 });
        byBytes.TryAdd(Command(1_500)).ShouldBeTrue();
        byBytes.TryAdd(Command(1_500)).ShouldBeFalse();
        Take(byBytes, 0);
        byBytes.TryAdd(Command(1_500)).ShouldBeTrue();
    }

    [Fact]
    public void Positions_are_merged_to_the_highest_of_each_member()
    {
        var inbox = new CommitInbox(new CommitLimits());
        inbox.TryAdd(Delivered("ana", 3));
        inbox.TryAdd(Delivered("ben", 5));
        inbox.TryAdd(Delivered("ana", 7));
        inbox.TryAdd(Delivered("ana", 6));
        inbox.Count.ShouldBe(2);
        Take(inbox, 0).ShouldBe([Delivered("ana", 7), Delivered("ben", 5)], ignoreOrder: true);
        inbox.Count.ShouldBe(0);
    }

    [Fact]
    public void Positions_go_at_once_after_quiet_and_then_wait_for_the_interval()
    {
        var inbox = new CommitInbox(new CommitLimits { DeliveredInterval = TimeSpan.FromMilliseconds(200) });
        inbox.UntilDue(At(1_000)).ShouldBeNull();
        inbox.TryAdd(Delivered("ana", 1));
        inbox.UntilDue(At(1_000)).ShouldBe(TimeSpan.Zero);
        Take(inbox, 1_000).Count.ShouldBe(1);
        inbox.TryAdd(Delivered("ana", 2));
        inbox.UntilDue(At(1_050)).ShouldBe(TimeSpan.FromMilliseconds(150));
        Take(inbox, 1_050).ShouldBeEmpty();
        inbox.TryAdd(Command());
        inbox.UntilDue(At(1_050)).ShouldBe(TimeSpan.Zero);
        Take(inbox, 1_050).ShouldAllBe(i => i is SubmitCommand);
        Take(inbox, 1_200).ShouldBe([Delivered("ana", 2)]);
    }

    [Fact]
    public void Positions_of_many_members_are_bounded_in_a_batch_and_none_is_lost()
    {
        var inbox = new CommitInbox(new CommitLimits { BatchInputsMax = 10 });
        for (var i = 0; i < 35; i++)
            inbox.TryAdd(Delivered($"user{i}", 1));
        var taken = new List<CommitInput>();
        for (var now = 0; inbox.Count > 0; now += 1_000)
        {
            var batch = Take(inbox, now);
            batch.Count.ShouldBeLessThanOrEqualTo(20);
            taken.AddRange(batch);
        }
        taken.Distinct().Count().ShouldBe(35);
    }

    [Fact]
    public void Closed_it_takes_no_more_and_gives_everything_at_once()
    {
        var inbox = new CommitInbox(new CommitLimits());
        inbox.TryAdd(Delivered("ana", 1));
        Take(inbox, 0);
        inbox.TryAdd(Delivered("ana", 2));
        inbox.TryAdd(Command());
        inbox.Close();
        inbox.TryAdd(Command()).ShouldBeFalse();
        inbox.TryAdd(Delivered("ana", 3)).ShouldBeFalse();
        inbox.UntilDue(At(1)).ShouldBe(TimeSpan.Zero);
        Take(inbox, 1).Count.ShouldBe(2);
        (inbox.IsClosed, inbox.Count).ShouldBe((true, 0));
    }

    [Fact]
    public void A_burst_passes_and_only_a_queue_that_stands_has_no_room()
    {
        var limits = new CommitLimits();
        var inbox = new CommitInbox(limits);
        Fill(inbox, 3_000);
        // 1,000 in 25 ms: what waits is soon gone.
        Take(inbox, 0);
        Take(inbox, 25);
        inbox.HasRoom.ShouldBeTrue();
        Take(inbox, 50);
        (inbox.HasRoom, inbox.Stands).ShouldBe((true, false));

        // The disk stood still for a moment: what gathered is worked off while less comes than goes.
        Fill(inbox, 8_000);
        for (var ms = 250; ms <= 450; ms += 25)
        {
            Take(inbox, ms);
            Fill(inbox, 400);
            inbox.HasRoom.ShouldBeTrue();
        }
        while (inbox.Count > 0)
            Take(inbox, 460);

        // More comes than goes.
        for (var ms = 475; ms <= 575; ms += 25)
        {
            Fill(inbox, 2_000);
            Take(inbox, ms);
        }
        (inbox.HasRoom, inbox.Stands).ShouldBe((false, true));

        // It is worked off, and all is well at once.
        for (var ms = 600; inbox.Count > 0; ms += 25)
            Take(inbox, ms);
        Take(inbox, 1_000);
        (inbox.HasRoom, inbox.Stands).ShouldBe((true, false));
    }

    [Fact]
    public async Task A_flush_waits_for_its_turn_while_the_queue_stands_and_who_has_a_word_to_say_does_not()
    {
        var limits = new CommitLimits();
        var inbox = new CommitInbox(limits);
        var gate = new SubmitGate(inbox, limits, TimeProvider.System);
        gate.EnterAsync(500).AsTask().IsCompleted.ShouldBeTrue("nothing stands");
        for (var ms = 0; ms <= 100; ms += 25)
        {
            Fill(inbox, 2_000);
            Take(inbox, ms);
        }
        var (first, second) = (gate.EnterAsync(400).AsTask(), gate.EnterAsync(400).AsTask());
        inbox.HeldBack.ShouldBeTrue();
        for (var ms = 125; inbox.Count > 0; ms += 25)
        {
            first.IsCompleted.ShouldBeFalse();
            Take(inbox, ms);
            gate.Open();
        }
        await first;
        second.IsCompleted.ShouldBeFalse("there is room for one");
        inbox.HasRoom.ShouldBeTrue();
        Fill(inbox, 400);
        Take(inbox, 2_000);
        gate.Open();
        await second;
        inbox.HeldBack.ShouldBeFalse();
    }

    private void Fill(CommitInbox inbox, int commands)
    {
        for (var n = 0; n < commands; n++)
            inbox.TryAdd(Command()).ShouldBeTrue();
    }

    private List<CommitInput> Take(CommitInbox inbox, int nowMs)
    {
        inbox.TryTake(_batch, At(nowMs)).ShouldBe(_batch.Count > 0);
        return [.. _batch];
    }

    private static TimeSpan At(int ms) => TimeSpan.FromMilliseconds(ms);

    private SubmitCommand Command(int bytes = 10) =>
        new(null!, Ana, 1, 1, ++_seq, 0, 0, default, "conversation/room", MessageTypes.MessagePost, new byte[bytes]);

    private static SubmitDelivered Delivered(string user, ulong offset) => new(new TopicKey(Scene.Tenant, "conversation/room"), user, offset);
}
