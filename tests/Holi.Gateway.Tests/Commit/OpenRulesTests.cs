using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>§6.4 and §6.5: is this still the same device, and which of its connections counts.</summary>
public sealed class OpenRulesTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void A_new_device_gets_the_first_generation_and_its_person_a_topic_of_their_own()
    {
        var ana = _scene.Connect("ana");
        ana.Opening.ShouldBe(new DeviceOpened(HoliCode.None, ana.Opening.DeviceId, 1, 0, default, 1));
        ana.Opening.DeviceId.ShouldNotBe(0);
        var own = _scene.See("ana", "user/ana")!;
        (own.Head, own.Members, own.Epoch).ShouldBe((0UL, 1, 1UL));
        (own.Member.Number, own.Member.Role, own.Member.FirstOffset).ShouldBe((1u, MemberRole.Owner, 1UL));
    }

    [Fact]
    public void A_known_device_is_opened_where_it_was_and_the_fence_rises()
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("x"));
        var before = devices[0].Opening;
        devices[0].Open(generation: 1).ShouldBe(HoliCode.None);
        devices[0].Opening.ShouldBe(before with { Committed = 2, Digest = devices[0].Digest, Fence = 2 });
    }

    // committed is 3; the digest at 3 is the gateway's unless forked.
    [Theory]
    [InlineData(1u, 3UL, 3UL, false, HoliCode.None)]
    [InlineData(1u, 9UL, 3UL, false, HoliCode.None)]
    [InlineData(1u, 3UL, 1UL, false, HoliCode.None)]
    [InlineData(1u, 3UL, 0UL, false, HoliCode.None)]
    [InlineData(0u, 0UL, 0UL, false, HoliCode.None)]
    [InlineData(0u, 9UL, 9UL, true, HoliCode.None)]
    [InlineData(1u, 3UL, 3UL, true, HoliCode.GenerationForked)]
    [InlineData(1u, 4UL, 4UL, false, HoliCode.GenerationForked)]
    [InlineData(1u, 2UL, 2UL, false, HoliCode.GenerationForked)]
    [InlineData(1u, 0UL, 0UL, false, HoliCode.GenerationForked)]
    [InlineData(2u, 3UL, 3UL, false, HoliCode.GenerationUnknown)]
    [InlineData(7u, 3UL, 3UL, true, HoliCode.GenerationUnknown)]
    public void A_known_device_is_judged_by_what_it_says(uint generation, ulong lastAssigned, ulong known, bool forked, HoliCode expected)
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("x"));
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("y"));
        var digest = forked ? default : devices[0].Digest;
        devices[0].Open(generation, lastAssigned, known, digest).ShouldBe(expected);
        if (expected == HoliCode.None)
            devices[0].Opening.Fence.ShouldBe(2UL);
        else
            devices[0].Opening.ShouldBe(new DeviceOpened(expected, devices[0].Opening.DeviceId, 0, 0, default, 0));
    }

    [Fact]
    public void An_unknown_device_that_names_a_generation_must_ask_for_one()
    {
        var device = new Device(_scene, new DeviceKey(Scene.Tenant, "ana", "phone"));
        device.Open(generation: 1).ShouldBe(HoliCode.GenerationUnknown);
        _scene.See("ana", "user/ana").ShouldBeNull();
    }

    [Fact]
    public void A_new_generation_begins_at_nothing_and_ends_the_old_one()
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Open(generation: 0).ShouldBe(HoliCode.None);
        (devices[0].Opening.Generation, devices[0].Opening.Committed, devices[0].Opening.Digest).ShouldBe((2u, 0UL, default));
        devices[0].Open(generation: 1).ShouldBe(HoliCode.GenerationUnknown);
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.None);
    }

    [Fact]
    public void A_store_with_an_epoch_of_its_own_gives_generations_that_no_earlier_store_gave()
    {
        var scene = new Scene(new MemoryLogStore { Epoch = 1_700_000_000 });
        scene.Connect("ana").Generation.ShouldBe(1_700_000_001u);
    }

    [Fact]
    public void A_user_has_a_bounded_number_of_devices()
    {
        var scene = new Scene(new MemoryLogStore(), new CommitLimits { DevicesPerUserMax = 2 });
        scene.Connect("ana", "a");
        // Two in one batch: the second sees the first.
        var (b, c) = (new Device(scene, new DeviceKey(Scene.Tenant, "ana", "b")), new Device(scene, new DeviceKey(Scene.Tenant, "ana", "c")));
        scene.Run(b.Hello(0), c.Hello(0));
        (b.Code, c.Code).ShouldBe((HoliCode.None, HoliCode.LimitReached));
        b.Open(generation: 0).ShouldBe(HoliCode.None);
        scene.Connect("ben");
    }

    [Fact]
    public void Of_two_connections_the_newer_one_counts()
    {
        var (topic, devices) = _scene.Conversation();
        var older = devices[0].Post(topic, "older");
        devices[0].Seq--;
        var newer = new Device(_scene, devices[0].Key) { Seq = 1, Digest = devices[0].Opening.Digest };
        newer.Open(1, lastAssigned: 1, known: 0).ShouldBe(HoliCode.None);
        _scene.Run(older);
        devices[0].Closed.ShouldBe(HoliCode.Fenced);
        _scene.See("ana", topic)!.Head.ShouldBe(1UL);
        newer.Send(topic, MessageTypes.MessagePost, new MessagePost("newer")).ShouldBe(HoliCode.None);
    }

    [Fact]
    public void An_opening_fences_what_stands_behind_it_in_the_same_batch()
    {
        var (topic, devices) = _scene.Conversation();
        var newer = new Device(_scene, devices[0].Key);
        _scene.Run(devices[0].Post(topic, "in time"), newer.Hello(1, lastAssigned: 2, known: 0), devices[0].Post(topic, "too late"));
        newer.Code.ShouldBe(HoliCode.None);
        newer.Opening.Committed.ShouldBe(2UL);
        devices[0].CommittedSeq.ShouldBe(2UL);
        devices[0].Closed.ShouldBe(HoliCode.Fenced);
        _scene.See("ana", topic)!.Head.ShouldBe(2UL);
    }

    [Fact]
    public void A_refused_hello_fences_nobody()
    {
        var (topic, devices) = _scene.Conversation();
        new Device(_scene, devices[0].Key).Open(generation: 9).ShouldBe(HoliCode.GenerationUnknown);
        devices[0].Send(topic, MessageTypes.MessagePost, new MessagePost("x")).ShouldBe(HoliCode.None);
    }

    // The newest that was accepted said 7; its digest and seqs are the gateway's.
    [Theory]
    [InlineData(1u, 6UL, false, HoliCode.OpeningOutdated)]
    [InlineData(0u, 6UL, false, HoliCode.OpeningOutdated)]
    [InlineData(9u, 6UL, false, HoliCode.OpeningOutdated)]
    [InlineData(1u, 1UL, true, HoliCode.OpeningOutdated)]
    [InlineData(1u, 7UL, false, HoliCode.None)]
    [InlineData(1u, 8UL, false, HoliCode.None)]
    [InlineData(0u, 8UL, false, HoliCode.None)]
    [InlineData(1u, 0UL, false, HoliCode.None)]
    [InlineData(1u, 8UL, true, HoliCode.GenerationForked)]
    public void The_devices_own_count_says_which_of_its_connections_is_the_newer__6_5(uint generation, ulong opening, bool forked, HoliCode expected)
    {
        var (topic, devices) = _scene.Conversation();
        devices[0].Open(generation: 1, opening: 7).ShouldBe(HoliCode.None);
        var other = new Device(_scene, devices[0].Key) { Seq = devices[0].Seq, Digest = forked ? default : devices[0].Digest };
        other.Open(generation, opening: opening).ShouldBe(expected);

        _scene.Run(devices[0].Post(topic, "am I fenced?"));
        devices[0].Closed.ShouldBe(expected == HoliCode.None ? HoliCode.Fenced : HoliCode.None);
    }

    [Fact]
    public void Of_two_openings_in_one_batch_the_higher_counts_in_whichever_order_they_come__6_5()
    {
        var ana = _scene.Connect("ana");
        var (late, early) = (new Device(_scene, ana.Key), new Device(_scene, ana.Key));
        _scene.Run(late.Hello(1, opening: 3), early.Hello(1, opening: 2));
        (late.Code, early.Code).ShouldBe((HoliCode.None, HoliCode.OpeningOutdated));
        _scene.Run(early.Hello(1, opening: 4), late.Hello(1, opening: 5));
        (late.Code, early.Code).ShouldBe((HoliCode.None, HoliCode.None));
        late.Fence.ShouldBe(early.Fence + 1);
    }

    [Fact]
    public void A_refused_opening_does_not_count_and_one_that_is_not_counted_takes_nothing_away__6_5()
    {
        var ana = _scene.Connect("ana");
        ana.Open(1, opening: 5).ShouldBe(HoliCode.None);
        ana.Open(generation: 9, opening: 100).ShouldBe(HoliCode.GenerationUnknown);
        ana.Open(1, opening: 6).ShouldBe(HoliCode.None);
        ana.Open(1, opening: 0).ShouldBe(HoliCode.None);
        ana.Open(1, opening: 5).ShouldBe(HoliCode.OpeningOutdated);
    }

    [Fact]
    public void A_device_that_comes_for_the_first_time_may_begin_its_count_anywhere__6_5()
    {
        var ana = new Device(_scene, new DeviceKey(Scene.Tenant, "ana", "phone"));
        ana.Open(0, opening: long.MaxValue).ShouldBe(HoliCode.None);
        ana.Open(1, opening: long.MaxValue - 1).ShouldBe(HoliCode.OpeningOutdated);
        ana.Open(1, opening: long.MaxValue).ShouldBe(HoliCode.None);
    }

    [Fact]
    public void Openings_and_refused_ones_are_audited()
    {
        var ana = _scene.Connect("ana");
        ana.Open(generation: 9);
        _scene.Memory.Audit.Select(a => (a.User, a.Device, a.Action, a.Subject)).ShouldBe(
            [("ana", "phone", AuditActions.Open, "0"), ("ana", "phone", AuditActions.OpenRefused, "4301")]);
    }
}
