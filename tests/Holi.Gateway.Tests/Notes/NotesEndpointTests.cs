using System.Net;
using System.Text.Json;
using Holi.Gateway.Tests.Connections.Sockets;
using Holi.Servers;

namespace Holi.Gateway.Tests.Notes;

/// <summary>POST /v1/notes on a running gateway (protocol/notes.md).</summary>
public sealed class NotesEndpointTests : IAsyncLifetime
{
    private NotesScene _scene = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _scene = await NotesScene.StartAsync();

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_transcript_comes_back_as_the_draft_of_a_note_labelled_with_where_it_came_from()
    {
        using var response = await _scene.AskAsync(NotesScene.Asked);
        (response.StatusCode, response.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "application/json"));
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var note = await JsonAsync(response);
        note.GetProperty("isDraft").GetBoolean().ShouldBeTrue();
        note.GetProperty("kind").GetString().ShouldBe("soap");
        note.GetProperty("chiefComplaint").GetProperty("text").GetString().ShouldBe("My knee hurts since Monday.");
        note.GetProperty("chiefComplaint").GetProperty("segments")[0].GetInt32().ShouldBe(1);
        var from = note.GetProperty("provenance");
        (from.GetProperty("source").GetString(), from.GetProperty("provider").GetString(), from.GetProperty("model").GetString()).ShouldBe(("local", "local", "tiny"));
        from.GetProperty("latency").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Who_accepts_events_is_told_statement_by_statement_and_at_last_the_note()
    {
        using var response = await _scene.AskAsync(NotesScene.Asked, accept: "text/event-stream");
        (response.StatusCode, response.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "text/event-stream"));
        var events = Events(await response.Content.ReadAsStringAsync(Cancel));
        events.Select(one => one.Name).ShouldBe(["asking", "statement", "statement", "note"]);
        events[1].Data.GetProperty("statement").GetProperty("text").GetString().ShouldBe("My knee hurts since Monday.");
        events[^1].Data.GetProperty("note").GetProperty("provenance").GetProperty("source").GetString().ShouldBe("local");
    }

    [Fact]
    public async Task With_a_dead_provider_there_is_a_template_and_no_error()
    {
        await _scene.Model.AlwaysAsync("status 400");
        using var response = await _scene.AskAsync(NotesScene.Asked);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var from = (await JsonAsync(response)).GetProperty("provenance");
        from.GetProperty("source").GetString().ShouldBe("template");
        from.GetProperty("attempts")[0].GetProperty("outcome").GetString().ShouldBe("rejected");
    }

    [Fact]
    public async Task A_hanging_provider_costs_the_callers_budget_and_no_more()
    {
        await _scene.Model.AlwaysAsync("hang");
        using var response = await _scene.AskAsync("""{"budgetSeconds":1,""" + NotesScene.Asked[1..]);
        (await JsonAsync(response)).GetProperty("provenance").GetProperty("attempts")[0].GetProperty("outcome").GetString().ShouldBe("timeout");
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("holi.publish", HttpStatusCode.Forbidden)]
    public async Task Only_who_may_is_served(string? scopes, HttpStatusCode status)
    {
        using var response = await _scene.AskAsync(NotesScene.Asked, scopes);
        await ShouldBeProblemAsync(response, status);
        (await _scene.Model.RequestsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"transcript":null}""")]
    [InlineData("""{"transcript":{"language":"en"}}""")]
    [InlineData("""{"transcript":{"language":"en","text":"zebrafish","segments":[]}}""")]
    [InlineData("""{"transcript":{"language":"xx","text":"Patient: zebrafish"}}""")]
    [InlineData("""{"transcript":{"language":"en","text":""}}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: zebrafish"},"kind":"zebrafish"}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: zebrafish"},"kind":0}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: zebrafish"},"zebrafish":1}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: zebrafish"},"tenant":"other"}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: zebrafish"},"budgetSeconds":0}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: zebrafish"},"budgetSeconds":1e300}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: \ud800"}}""")]
    [InlineData("""{"transcript":{"language":"en","segments":[null]}}""")]
    [InlineData("""{"transcript":{"language":"en","segments":[{"index":0,"speaker":"zebrafish","start":0,"end":1,"text":"x"}]}}""")]
    [InlineData("""{"transcript":{"language":"en","segments":[{"index":0,"speaker":"patient","start":-1,"end":1,"text":"x"}]}}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: x"},"patient":{"medications":[null]}}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: x"},"patient":{"identifiers":{"names":[null]}}}""")]
    [InlineData("""{"transcript":{"language":"en","text":"Patient: x"},"patient":{"age":1e9}}""")]
    public async Task What_is_no_request_is_a_problem_that_repeats_nothing_of_it(string body)
    {
        using var response = await _scene.AskAsync(body);
        await ShouldBeProblemAsync(response, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task What_is_too_large_is_refused()
    {
        using var body = await _scene.AskAsync(Saying(new string('x', 5 << 20)));
        await ShouldBeProblemAsync(body, HttpStatusCode.RequestEntityTooLarge);
        using var transcript = await _scene.AskAsync(Saying(new string('x', 400_000)));
        await ShouldBeProblemAsync(transcript, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Another_kind_of_body_is_refused()
    {
        using var response = await _scene.AskAsync("Patient: zebrafish", mediaType: "text/plain");
        await ShouldBeProblemAsync(response, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task A_caller_who_goes_away_leaves_the_note_to_the_others()
    {
        await _scene.Model.AlwaysAsync("slow 700");
        using var leaving = new CancellationTokenSource();
        var first = NotesScene.AskAsync(_scene.Gateway, NotesScene.Asked, leaving: leaving.Token);
        await UntilAsync(async () => (await _scene.Model.RequestsAsync()).Count == 1);
        var second = _scene.AskAsync(NotesScene.Asked);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        using var response = await second;
        (await JsonAsync(response)).GetProperty("provenance").GetProperty("source").GetString().ShouldBe("local");
    }

    [Fact]
    public async Task Status_says_how_the_providers_fare()
    {
        using var response = await _scene.AskAsync(NotesScene.Asked);
        using var http = new HttpClient { BaseAddress = _scene.Gateway.Http };
        using var status = JsonDocument.Parse(await http.GetStringAsync(new Uri("/v1/status", UriKind.Relative), Cancel));
        var provider = status.RootElement.GetProperty("notes").GetProperty("providers").EnumerateArray().Single();
        (provider.GetProperty("name").GetString(), provider.GetProperty("place").GetString(), provider.GetProperty("model").GetString(), provider.GetProperty("circuit").GetString())
            .ShouldBe(("local", "local", "tiny", "closed"));
        provider.GetProperty("answers").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Too_many_requests_of_one_caller_are_refused_with_a_time_to_come_back()
    {
        await using var gateway = await NotesScene.GatewayAsync(_scene.Model, ("Limits:NotesRequestsPerMinute", "2"));
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await NotesScene.AskAsync(gateway, NotesScene.Asked);
            statuses.Add(response.StatusCode);
            if (i == 2)
                response.Headers.RetryAfter.ShouldNotBeNull();
        }
        statuses.ShouldBe([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests]);
        using var other = await NotesScene.AskAsync(gateway, NotesScene.Asked, user: "other");
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Gateways_that_share_a_Redis_and_a_key_share_what_was_written_and_a_dead_Redis_takes_no_note_away()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed.");
        await using var redis = await RedisServer.StartAsync(Cancel);
        (string, string)[] settings = [("Redis:Configuration", redis.Configuration), ("CoPilot:CacheKey", Convert.ToBase64String(new byte[32]))];
        await using var one = await NotesScene.GatewayAsync(_scene.Model, settings);
        await using var two = await NotesScene.GatewayAsync(_scene.Model, settings);
        await UntilAsync(async () =>
        {
            // Until both are connected and the note is there.
            await SourceAsync(one, NotesScene.Asked.Replace("Monday", Guid.NewGuid().ToString("N"), StringComparison.Ordinal));
            await SourceAsync(one, NotesScene.Asked);
            return await SourceAsync(two, NotesScene.Asked) == "cache" && (await _scene.Model.RequestsAsync()).Count > 0;
        });
        await redis.Process.KillAsync();
        (await SourceAsync(two, NotesScene.Asked.Replace("Monday", "Friday", StringComparison.Ordinal))).ShouldBe("local");
    }

    private static string Saying(string words) => """{"transcript":{"language":"en","text":"Patient: """ + words + "\"}}";

    private static async Task<string?> SourceAsync(RunningGateway gateway, string json)
    {
        using var response = await NotesScene.AskAsync(gateway, json);
        return (await JsonAsync(response)).GetProperty("provenance").GetProperty("source").GetString();
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel));
        return document.RootElement.Clone();
    }

    private static async Task ShouldBeProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        (response.StatusCode, response.Content.Headers.ContentType?.MediaType).ShouldBe((status, "application/problem+json"), text);
        text.ShouldNotContain("zebrafish");
        (await JsonAsync(response)).GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }

    private static List<(string Name, JsonElement Data)> Events(string text) => [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Where(one => one.StartsWith("event: ", StringComparison.Ordinal)).Select(one =>
        {
            var lines = one.Split('\n');
            return (lines[0]["event: ".Length..], JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement.Clone());
        })];

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(20, Cancel);
    }
}
