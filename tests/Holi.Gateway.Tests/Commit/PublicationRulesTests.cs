using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Commit;

/// <summary>One key, one effect (backends.md §4), and targets (§3).</summary>
public sealed class PublicationRulesTests
{
    private readonly Scene _scene = new();
    private readonly Backend _lab;

    public PublicationRulesTests() => _lab = new Backend(_scene);

    [Fact]
    public void A_publication_is_an_event_of_the_system()
    {
        _scene.Connect("ana");
        var asked = _lab.Notify("k");
        _lab.Run(asked).ShouldBe(new PublicationAnswer(PublicationResult.Committed, "user/ana", 1));
        var stored = _scene.Events("ana", "user/ana").ShouldHaveSingleItem();
        (stored.Member, stored.Type, stored.Payload, stored.Identity).ShouldBe((0u, MessageTypes.Notification, asked.Payload, default));
        _scene.See("ana", "user/ana")!.Member.Read.ShouldBe(0UL, "nobody has read it");
    }

    [Fact]
    public void O_the_same_key_again_is_answered_again_and_applied_never()
    {
        _lab.Run(_lab.Notify("k"));
        _lab.Run(_lab.Notify("k")).ShouldBe(new PublicationAnswer(PublicationResult.Duplicate, "user/ana", 1));
        // In one batch, too.
        _scene.Run(_lab.Notify("l"), _lab.Notify("l"), _lab.Notify("k"));
        _lab.Answers[^3..].Select(a => (a.Result, a.Offset)).ShouldBe(
            [(PublicationResult.Committed, 2UL), (PublicationResult.Duplicate, 2UL), (PublicationResult.Duplicate, 1UL)]);
        _scene.Events("ana", "user/ana").Count.ShouldBe(2);
    }

    [Fact]
    public void The_same_key_with_other_content_is_refused_and_audited()
    {
        _lab.Run(_lab.Notify("k", title: "one"));
        _lab.Run(_lab.Notify("k", title: "two")).ShouldBe(Refused(HoliCode.Conflict));
        _lab.Run(_lab.Notify("k", topic: "user/ben", title: "one")).ShouldBe(Refused(HoliCode.Conflict));
        _lab.Run(_lab.Notify("k", title: "one", expires: 1_000_000)).ShouldBe(Refused(HoliCode.Conflict));
        _scene.Events("ana", "user/ana").Count.ShouldBe(1);
        _scene.Memory.Audit.Count(a => a is { User: "lab", Device: "http", Action: "publication.refused", Subject: "4607 user/ana" }).ShouldBe(2);
    }

    [Theory]
    [InlineData("patient/x")]
    [InlineData("copilot/x")]
    public void A_topic_that_backends_may_not_publish_to_is_refused_and_not_made(string topic)
    {
        _lab.Run(_lab.Notify("k", topic: topic)).ShouldBe(Refused(HoliCode.Unsupported));
        _scene.See("x", topic).ShouldBeNull();
    }

    [Fact]
    public void X_keys_of_two_tenants_are_apart()
    {
        _lab.Run(_lab.Notify("k"));
        var other = _lab.Notify("k") with { Key = new PublicationKey("other", "k") };
        _lab.Run(other).ShouldBe(new PublicationAnswer(PublicationResult.Committed, "user/ana", 1));
        _scene.Events("ana", "user/ana", "other").Count.ShouldBe(1);
    }

    [Fact]
    public void A_person_who_was_never_here_finds_it_when_they_come()
    {
        _lab.Run(_lab.Notify("k", "user/zoe")).Result.ShouldBe(PublicationResult.Committed);
        _scene.Connect("zoe");
        _scene.See("zoe", "user/zoe")!.Member.Role.ShouldBe(MemberRole.Owner);
        _scene.Events("zoe", "user/zoe").Count.ShouldBe(1);
    }

    [Fact]
    public void The_first_alert_makes_the_persons_alert_topic_and_tells_their_connections()
    {
        _scene.Connect("ana");
        var outcome = _scene.Run(_lab.Notify("a", "alert/ana"), _lab.Notify("b", "alert/ana"));
        var told = _scene.Events("ana", "user/ana").ShouldHaveSingleItem();
        told.Type.ShouldBe(MessageTypes.ConversationJoined);
        told.Payload.ShouldBe(new ConversationJoined("alert/ana", null, "ana").ToBytes());
        var joined = outcome.Memberships.ShouldHaveSingleItem();
        (joined.Topic.Name, joined.User, joined.Member, joined.Role, joined.Present, joined.Offset)
            .ShouldBe(("alert/ana", "ana", 1u, MemberRole.Owner, true, 1UL));
        _scene.Run(_lab.Notify("c", "alert/ana")).Memberships.ShouldBeEmpty();
        _scene.Events("ana", "alert/ana").Count.ShouldBe(3);
        _scene.See("ben", "alert/ana").ShouldBeNull();
    }

    [Fact]
    public void A_conversation_must_exist_and_a_refusal_leaves_the_key_free()
    {
        var post = _lab.Post("k", "conversation/room", "hello");
        _lab.Run(post).ShouldBe(Refused(HoliCode.NotFound));
        _scene.Memory.Audit[^1].Subject.ShouldBe("4604 conversation/room");
        var (topic, _) = _scene.Conversation();
        _lab.Run(post).ShouldBe(new PublicationAnswer(PublicationResult.Committed, topic, 2));
        _scene.Events("ana", topic)[^1].Member.ShouldBe(0u);
    }

    [Theory]
    [InlineData("patient/x", HoliCode.Unsupported)]
    [InlineData("copilot/x", HoliCode.Unsupported)]
    [InlineData("nothing", HoliCode.RefusedPayload)]
    public void A_topic_that_nothing_can_be_published_to_is_not_made(string topic, HoliCode code) =>
        _lab.Run(_lab.Notify("k", topic)).ShouldBe(Refused(code));

    [Fact]
    public void A_reply_names_an_event_that_is_there()
    {
        var (topic, _) = _scene.Conversation();
        _lab.Run(_lab.Post("k", topic, "x", replyTo: 2)).ShouldBe(Refused(HoliCode.NotFound));
        _lab.Run(_lab.Post("k", topic, "x", replyTo: 1)).Result.ShouldBe(PublicationResult.Committed);
    }

    [Fact]
    public void Publications_of_one_batch_to_one_topic_keep_their_order()
    {
        _scene.Run([.. Enumerable.Range(1, 50).Select(i => _lab.Notify($"k{i}", title: $"{i}"))]);
        _lab.Answers.Select(a => a.Offset).ShouldBe(Enumerable.Range(1, 50).Select(i => (ulong)i));
    }

    [Fact]
    public void What_expired_is_not_delivered_and_says_so_again()
    {
        _scene.NowMs = 10_000;
        _lab.Run(_lab.Notify("k", expires: 10_000)).ShouldBe(new PublicationAnswer(PublicationResult.Expired, Code: HoliCode.Expired));
        _scene.NowMs = 5_000;
        _lab.Run(_lab.Notify("k", expires: 10_000)).Result.ShouldBe(PublicationResult.Expired, "the clock went back, the answer does not");
        _lab.Run(_lab.Notify("l", expires: 10_000)).Result.ShouldBe(PublicationResult.Committed);
        _scene.Memory.Audit.ShouldContain(a => a.Action == "publication.expired" && a.Subject == "user/ana");
    }

    [Fact]
    public void B_a_key_is_forgotten_when_its_time_is_over_a_few_for_each_new_one()
    {
        var limits = new CommitLimits();
        _scene.Run([.. Enumerable.Range(1, 10).Select(i => _lab.Notify($"old{i}"))]);
        _scene.NowMs += (long)limits.KeysRemembered.TotalMilliseconds - 100;
        _scene.Run([.. Enumerable.Range(1, 10).Select(i => _lab.Notify($"early{i}"))]);
        _lab.Run(_lab.Notify("old1")).Result.ShouldBe(PublicationResult.Duplicate);
        _scene.NowMs += 200;
        _lab.Run(_lab.Notify("new"));
        Enumerable.Range(1, 10).Count(i => Forgotten($"old{i}")).ShouldBe(2);
        Enumerable.Range(1, 10).Count(i => Forgotten($"early{i}")).ShouldBe(0);
    }

    private bool Forgotten(string key)
    {
        var keys = new BatchKeys();
        keys.Publications.Add(new PublicationKey(Scene.Tenant, key));
        return Scene.Await(_scene.Store.BeginAsync(keys, default)).State.Publications.Count == 0;
    }

    private static PublicationAnswer Refused(HoliCode code) => new(PublicationResult.Refused, Code: code);
}
