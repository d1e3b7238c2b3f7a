using System.Net;
using System.Text.Json;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Connections.Sockets;
using Holi.Wire.Payloads;
using static Holi.Gateway.Tests.Ingress.PublishingBackend;

namespace Holi.Gateway.Tests.Ingress;

/// <summary>Publishing over HTTP to a gateway with a log on disk (backends.md §7).</summary>
public sealed class PublishEndpointTests : IAsyncLifetime
{
    private RunningGateway _gateway = null!;
    private PublishingBackend _lab = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _gateway = await RunningGateway.StartAsync();
        _lab = new PublishingBackend(_gateway);
    }

    public async ValueTask DisposeAsync()
    {
        _lab.Dispose();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task One_publication_is_answered_with_its_offset_and_again_when_it_comes_again()
    {
        var first = await _lab.PublishAsync(Alert("k"));
        (first.Status, first.MediaType, first.What).ShouldBe((HttpStatusCode.OK, "application/json", "committed user/ana 1"));
        first.Root.GetProperty("key").GetString().ShouldBe("k");
        var again = await _lab.PublishAsync(Alert("k"));
        (again.Status, again.What).ShouldBe((HttpStatusCode.OK, "duplicate user/ana 1"));
        var other = await _lab.PublishAsync(Alert("k", title: "Sodium"));
        (other.Status, other.MediaType, other.What).ShouldBe((HttpStatusCode.Conflict, "application/problem+json", "refused 4607"));
        other.Root.GetProperty("status").GetInt32().ShouldBe(409);
        other.Root.GetProperty("title").GetString().ShouldBe("conflict");
        (await TitlesAsync("ana", "user/ana")).ShouldBe(["Potassium"]);
    }

    [Fact]
    public async Task An_urgent_notification_is_an_alert()
    {
        (await _lab.PublishAsync(Alert("k", more: ""","priority":9"""))).What.ShouldBe("committed alert/ana 1");
        (await TitlesAsync("ana", "alert/ana")).ShouldBe(["Potassium"]);
    }

    [Fact]
    public async Task A_batch_is_answered_item_by_item_in_order_and_the_good_ones_are_committed()
    {
        string[] items =
        [
            Alert("a", title: "1"), Alert("b", title: "2"), Line("c", "x"), Alert("a", title: "1"), Alert("d", "nobody"), """{"key":5}""",
            Alert("e", title: "3", more: ""","expires":1000"""), Alert("f", title: "4", more: ""","deliverAt":99000000000000"""),
            Alert("g", title: "5", more: ""","tenant":"other" """), Alert("h", title: "6", more: ""","tenant":"default" """),
        ];
        var reply = await _lab.PublishAsync($$"""{"items":[{{string.Join(',', items)}}]}""");
        (reply.Status, reply.MediaType).ShouldBe((HttpStatusCode.OK, "application/json"));
        reply.Items.ShouldBe(
        [
            "committed user/ana 1", "committed user/ana 2", "refused 4604", "duplicate user/ana 1", "refused 4606", "refused 4606",
            "expired 4611", "refused 4606", "refused 4502", "committed user/ana 3",
        ]);
        (await TitlesAsync("ana", "user/ana")).ShouldBe(["1", "2", "6"]);
    }

    [Fact]
    public async Task A_batch_of_500_keeps_its_order_and_one_of_501_is_refused()
    {
        string Batch(int count) => $$"""{"items":[{{string.Join(',', Enumerable.Range(1, count).Select(i => Alert($"k{i}", title: $"{i}")))}}]}""";
        (await _lab.PublishAsync(Batch(501))).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _lab.PublishAsync(Batch(500))).Items.ShouldBe(Enumerable.Range(1, 500).Select(i => $"committed user/ana {i}"));
        (await TitlesAsync("ana", "user/ana")).ShouldBe(Enumerable.Range(1, 500).Select(i => $"{i}"));
        (await _lab.PublishAsync(Batch(500))).Items.ShouldAllBe(item => item.StartsWith("duplicate"));
    }

    [Fact]
    public async Task A_conversation_must_exist()
    {
        var reply = await _lab.PublishAsync(Line("k", "hello"));
        (reply.Status, reply.What).ShouldBe((HttpStatusCode.NotFound, "refused 4604"));
    }

    [Fact]
    public async Task Scheduled_it_can_be_cancelled_in_time()
    {
        var at = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
        var scheduled = await _lab.PublishAsync(Alert("k", more: $""","deliverAt":{at}"""));
        (scheduled.Status, scheduled.What).ShouldBe((HttpStatusCode.Accepted, "scheduled user/ana"));
        scheduled.Root.GetProperty("deliverAt").GetInt64().ShouldBe(at);
        (await _lab.PublishAsync(Alert("k", more: $""","deliverAt":{at}"""))).What.ShouldBe("duplicate user/ana");
        for (var i = 0; i < 2; i++)
        {
            var cancelled = await _lab.CancelAsync("k");
            (cancelled.Status, cancelled.Result).ShouldBe((HttpStatusCode.OK, "cancelled"));
        }
        var late = await _lab.PublishAsync(Alert("k", more: $""","deliverAt":{at}"""));
        (late.Status, late.What).ShouldBe((HttpStatusCode.Gone, "cancelled 4612"));
    }

    [Fact]
    public async Task Scheduled_it_comes_in_its_time()
    {
        var at = TimeProvider.System.GetUtcNow().AddMilliseconds(300).ToUnixTimeMilliseconds();
        (await _lab.PublishAsync(Alert("k", more: $""","deliverAt":{at}"""))).Status.ShouldBe(HttpStatusCode.Accepted);
        while ((await _lab.PublishAsync(Alert("k", more: $""","deliverAt":{at}"""))).What != "duplicate user/ana 1")
            await Task.Delay(20, Cancel);
        var stored = (await EventsAsync("ana", "user/ana")).ShouldHaveSingleItem();
        stored.TimeMs.ShouldBeGreaterThanOrEqualTo(at);
        var tooLate = await _lab.CancelAsync("k");
        (tooLate.Status, tooLate.What).ShouldBe((HttpStatusCode.Conflict, "refused user/ana 1 4607"));
    }

    [Fact]
    public async Task What_was_never_published_cannot_be_cancelled()
    {
        (await _lab.CancelAsync("k")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _lab.CancelAsync("a%20b")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Forbidden, 4502)]
    [InlineData("holi.admin", HttpStatusCode.Forbidden, 4502)]
    [InlineData("holi.publisher xholi.publish", HttpStatusCode.Forbidden, 4502)]
    [InlineData("other holi.publish", HttpStatusCode.OK, 0)]
    public async Task X_only_a_token_with_the_scope_publishes(string? scopes, HttpStatusCode status, int code)
    {
        using var backend = new PublishingBackend(_gateway, scopes);
        var reply = await backend.PublishAsync(Alert("k"));
        (reply.Status, reply.Code).ShouldBe((status, code));
        if (code != 0)
            (await backend.CancelAsync("k")).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic bGFiOmxhYg==")]
    [InlineData("Bearer")]
    [InlineData("Bearer not-a-token")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJsYWIifQ.")]
    public async Task X_without_a_good_token_nothing_is_published(string? authorization)
    {
        _lab.Headers.Remove("Authorization");
        if (authorization is not null)
            _lab.Headers.TryAddWithoutValidation("Authorization", authorization);
        var reply = await _lab.PublishAsync(Alert("k"));
        (reply.Status, reply.Code, reply.MediaType).ShouldBe((HttpStatusCode.Unauthorized, 4201, "application/problem+json"));
    }

    [Fact]
    public async Task X_an_expired_token_is_told_so()
    {
        _lab.Headers.Authorization = new("Bearer", _gateway.Token("lab", TimeSpan.FromSeconds(-60), "holi.publish"));
        (await _lab.PublishAsync(Alert("k"))).Code.ShouldBe(4200);
    }

    [Fact]
    public async Task A_gateway_whose_log_cannot_be_written_says_when_to_come_again()
    {
        await _gateway.Host.Node.Committer.StopAsync(Cancel);
        var reply = await _lab.PublishAsync(Alert("k"));
        (reply.Status, reply.Code, reply.RetryAfter).ShouldBe((HttpStatusCode.ServiceUnavailable, 4104, TimeSpan.FromSeconds(1)));
    }

    private async Task<IReadOnlyList<StoredEvent>> EventsAsync(string user, string topic)
    {
        var store = _gateway.Host.Node.Store;
        var seen = (await store.ReadMembershipAsync("default", user, topic, Cancel)).ShouldNotBeNull();
        return await store.ReadEventsAsync(seen.TopicId, 0, 1_000, 1 << 22, Cancel);
    }

    private async Task<IEnumerable<string>> TitlesAsync(string user, string topic) => (await EventsAsync(user, topic)).Select(e =>
    {
        Notification.TryRead(new(e.Payload), out var notification).ShouldBeTrue();
        return notification!.Title;
    });
}
