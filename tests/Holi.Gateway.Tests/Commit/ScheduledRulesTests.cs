using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Tests.Commit;

/// <summary>What is to be delivered later (backends.md §5): once, in its time, or not at all.</summary>
public sealed class ScheduledRulesTests
{
    private readonly Scene _scene = new();
    private readonly Backend _clinic;

    public ScheduledRulesTests() => _clinic = new Backend(_scene);

    [Fact]
    public void It_waits_for_its_time_and_is_then_delivered_once()
    {
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000)).ShouldBe(new PublicationAnswer(PublicationResult.Scheduled, "user/ana", DueMs: 50_000));
        _scene.See("ana", "user/ana").ShouldBeNull();
        _clinic.Due().ShouldBeEmpty();
        _scene.NowMs = 50_000;
        var due = _clinic.Due().ShouldHaveSingleItem();
        _clinic.Run(due).ShouldBe(new PublicationAnswer(PublicationResult.Committed, "user/ana", 1));
        _scene.Events("ana", "user/ana").ShouldHaveSingleItem().TimeMs.ShouldBe(50_000);
        // As another node that looked at the same moment would.
        _clinic.Run(due).Result.ShouldBe(PublicationResult.NotTaken);
        _clinic.Due().ShouldBeEmpty();
        _scene.Events("ana", "user/ana").Count.ShouldBe(1);
    }

    [Fact]
    public void O_its_key_counts_before_and_after_delivery()
    {
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000));
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000)).ShouldBe(new PublicationAnswer(PublicationResult.Duplicate, "user/ana", DueMs: 50_000));
        _clinic.Run(_clinic.Notify("k", deliverAt: 60_000)).Code.ShouldBe(HoliCode.Conflict);
        _scene.NowMs = 50_000;
        _scene.Run([.. _clinic.Due(), _clinic.Notify("k", deliverAt: 50_000)]);
        _clinic.Last.ShouldBe(new PublicationAnswer(PublicationResult.Duplicate, "user/ana", 1));
        _clinic.Run(_clinic.Notify("k")).Code.ShouldBe(HoliCode.Conflict);
        _scene.Events("ana", "user/ana").Count.ShouldBe(1);
    }

    [Fact]
    public void A_time_that_is_past_means_at_once()
    {
        _scene.NowMs = 50_000;
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000)).Result.ShouldBe(PublicationResult.Committed);
        _clinic.Run(_clinic.Notify("l", deliverAt: 1)).Result.ShouldBe(PublicationResult.Committed);
    }

    [Fact]
    public void A_time_too_far_away_is_refused()
    {
        var farthest = (long)new CommitLimits().ScheduledAheadMax.TotalMilliseconds;
        _clinic.Run(_clinic.Notify("k", deliverAt: _scene.NowMs + farthest)).Result.ShouldBe(PublicationResult.Scheduled);
        _clinic.Run(_clinic.Notify("l", deliverAt: _scene.NowMs + farthest + 1)).Code.ShouldBe(HoliCode.RefusedPayload);
    }

    [Fact]
    public void Cancelled_in_time_it_is_never_delivered_and_its_content_is_gone()
    {
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000));
        _clinic.Run(_clinic.Cancel("k")).Result.ShouldBe(PublicationResult.Cancelled);
        _clinic.Run(_clinic.Cancel("k")).Result.ShouldBe(PublicationResult.Cancelled, "asked again");
        _scene.NowMs = 50_000;
        _clinic.Due().ShouldBeEmpty();
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000)).ShouldBe(new PublicationAnswer(PublicationResult.Cancelled, Code: HoliCode.Cancelled));
        _scene.See("ana", "user/ana").ShouldBeNull();
        _scene.Memory.Audit.ShouldContain(a => a.Action == "publication.cancelled");
    }

    [Fact]
    public void Cancelled_too_late_it_says_where_it_is()
    {
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000));
        _scene.NowMs = 50_000;
        // In one batch the one that came first counts.
        _scene.Run([.. _clinic.Due(), _clinic.Cancel("k")]);
        _clinic.Last.ShouldBe(new PublicationAnswer(PublicationResult.Refused, "user/ana", 1, Code: HoliCode.Conflict));
    }

    [Fact]
    public void Cancelled_just_before_it_comes_due_nothing_happens_then()
    {
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000));
        _scene.NowMs = 50_000;
        var due = _clinic.Due().Single();
        _scene.Run(_clinic.Cancel("k"), due);
        _clinic.Answers[^2].Result.ShouldBe(PublicationResult.Cancelled);
        _scene.See("ana", "user/ana").ShouldBeNull();
    }

    [Fact]
    public void What_was_never_published_cannot_be_cancelled()
    {
        _clinic.Run(_clinic.Cancel("k")).ShouldBe(new PublicationAnswer(PublicationResult.Refused, Code: HoliCode.NotFound));
        _clinic.Run(_clinic.Notify("k")).Result.ShouldBe(PublicationResult.Committed);
    }

    [Fact]
    public void Expired_before_a_gateway_could_deliver_it_it_is_not_delivered()
    {
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000, expires: 60_000));
        _scene.NowMs = 60_000;
        _clinic.Run(_clinic.Due().Single()).Result.ShouldBe(PublicationResult.Expired);
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000, expires: 60_000)).Result.ShouldBe(PublicationResult.Expired);
        _clinic.Run(_clinic.Cancel("k")).Result.ShouldBe(PublicationResult.Expired);
        _clinic.Due().ShouldBeEmpty();
    }

    [Fact]
    public void Where_the_clock_went_back_it_waits_on()
    {
        _clinic.Run(_clinic.Notify("k", deliverAt: 50_000));
        _scene.NowMs = 50_000;
        var due = _clinic.Due().Single();
        _scene.NowMs = 40_000;
        _clinic.Run(due).Result.ShouldBe(PublicationResult.NotTaken);
        _scene.NowMs = 50_000;
        _clinic.Run(_clinic.Due().Single()).Result.ShouldBe(PublicationResult.Committed);
    }

    [Fact]
    public void Those_of_one_time_keep_the_order_in_which_they_were_scheduled()
    {
        foreach (var (key, at) in new[] { ("c", 50_000), ("a", 50_000), ("b", 50_000), ("first", 49_000) })
            _clinic.Run(_clinic.Notify(key, deliverAt: at));
        _scene.NowMs = 50_000;
        _clinic.Due().Select(d => d.Waiting.Key.Key).ShouldBe(["first", "c", "a", "b"]);
    }

    [Fact]
    public void What_its_target_refuses_when_it_comes_due_is_remembered_as_refused()
    {
        var (topic, _) = _scene.Conversation();
        var post = _clinic.Post("k", topic, "x") with { DeliverAtMs = 50_000 };
        _clinic.Run(post).Result.ShouldBe(PublicationResult.Scheduled);
        _scene.Memory.Lose(new TopicKey(Scene.Tenant, topic));
        _scene.NowMs = 50_000;
        _clinic.Run(_clinic.Due().Single()).ShouldBe(new PublicationAnswer(PublicationResult.Refused, Code: HoliCode.NotFound));
        _clinic.Run(post).ShouldBe(new PublicationAnswer(PublicationResult.Refused, Code: HoliCode.NotFound));
        _clinic.Due().ShouldBeEmpty();
    }
}
