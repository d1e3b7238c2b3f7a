using System.Collections.Concurrent;
using System.Diagnostics;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Privacy;
using Holi.CoPilot.Providers;
using Holi.CoPilot.Tests.Providers;

namespace Holi.CoPilot.Tests.Notes;

/// <summary>Cloud, local, cache, template: whoever fails, however, the caller has a note or an honest template within the budget.</summary>
public sealed class FallbackTests(ModelServerFixture servers) : ModelServerTests(servers)
{
    private const int Requests = 1_000, AtATime = 200;

    [Theory]
    [InlineData("status 500", "ok", NoteSource.Local)]
    [InlineData("ok", "status 500", NoteSource.Cloud)]
    [InlineData("hang", "ok", NoteSource.Local)]
    [InlineData("status 500", "status 500", NoteSource.Template)]
    [InlineData("hang", "hang", NoteSource.Template)]
    public async Task A_thousand_requests_get_a_thousand_notes_or_templates_within_the_budget_each_labelled_right(string cloud, string local, NoteSource expected)
    {
        await Cloud.AlwaysAsync(cloud);
        await Local.AlwaysAsync(local);
        // Where the other one answers, silence is noticed after a second; where none does, only the budget ends the wait.
        var silence = TimeSpan.FromSeconds(cloud == "hang" && local == "ok" ? 1 : 60);
        await using var writer = Writer([
            Samples.Cloud(Cloud.Root) with { FirstTokenTimeout = silence },
            Samples.Local(Local.V1) with { FirstTokenTimeout = TimeSpan.FromMinutes(1) },
        ]);
        var budget = new NoteBudget(TimeSpan.FromSeconds(expected == NoteSource.Template ? 6 : 30));
        var (notes, late) = (new ConcurrentBag<Note>(), 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = Cancel }, async (i, cancel) =>
        {
            var began = Stopwatch.GetTimestamp();
            notes.Add(await writer.WriteAsync(Samples.Request("What is it?", $"My knee number {i} hurts."), budget, cancel));
            if (Stopwatch.GetElapsedTime(began) > budget.Time)
                Interlocked.Increment(ref late);
        });
        notes.Count.ShouldBe(Requests);
        notes.Count(note => note.Provenance.Source == expected).ShouldBe(Requests);
        late.ShouldBe(0);
        notes.ShouldAllBe(note => note.Provenance.Source == NoteSource.Template == note.Flags.Any(flag => flag.Kind == NoteFlagKind.Template));
        notes.ShouldAllBe(note => note.Provenance.Source == NoteSource.Template || note.Provenance.Provider == (expected == NoteSource.Cloud ? "cloud" : "local"));
        notes.ShouldAllBe(note => note.Provenance.Attempts.Count >= 1 && note.IsDraft);
    }

    [Fact]
    public async Task With_both_processes_killed_there_is_a_template_and_after_their_return_a_note()
    {
        await using var writer = Writer(new CoPilotOptions
        {
            Providers = Both.Providers, Limits = new CoPilotLimits { CircuitBreak = TimeSpan.FromMilliseconds(500) },
        });
        await Cloud.Process.KillAsync();
        await Local.Process.KillAsync();
        try
        {
            var template = await writer.WriteAsync(Samples.Request(), new NoteBudget(TimeSpan.FromSeconds(5)), Cancel);
            template.Provenance.Source.ShouldBe(NoteSource.Template);
            template.Provenance.Attempts.Select(attempt => (attempt.Provider, attempt.Outcome)).ShouldBe([("cloud", "unreachable"), ("local", "unreachable")]);
        }
        finally
        {
            await Cloud.RestartAsync(Cancel);
            await Local.RestartAsync(Cancel);
        }
        await UntilAsync(async () => (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source == NoteSource.Cloud);
    }

    [Fact]
    public async Task Local_only_sends_nothing_to_the_cloud_even_when_the_building_is_dead()
    {
        await Local.AlwaysAsync("status 500");
        await using var writer = Writer(Both);
        var note = await writer.WriteAsync(Samples.Request() with { LocalOnly = true }, new NoteBudget(TimeSpan.FromSeconds(5)), Cancel);
        note.Provenance.Source.ShouldBe(NoteSource.Template);
        (await Cloud.RequestsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tenants_policy_keeps_its_requests_in_the_building_and_those_of_others_go_to_the_cloud()
    {
        await using var writer = Writer(Both with
        {
            Tenants = new Dictionary<string, PrivacyPolicy> { ["careful"] = new() { Route = NoteRoute.LocalOnly } },
        });
        (await writer.WriteAsync(Samples.Request() with { Tenant = "careful" }, Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Local);
        (await Cloud.RequestsAsync()).ShouldBeEmpty();
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Cloud);
    }

    [Fact]
    public async Task Local_first_asks_the_cloud_only_when_the_building_fails()
    {
        await using var writer = Writer(Both with { Route = NoteRoute.LocalFirst });
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Local);
        await Local.AlwaysAsync("status 400");
        (await writer.WriteAsync(Samples.Request("Hello", "My foot hurts."), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Cloud);
    }

    [Fact]
    public async Task After_enough_failures_a_provider_is_left_alone_and_then_tried_again()
    {
        await Cloud.AlwaysAsync("status 500");
        await using var writer = Writer(new CoPilotOptions
        {
            Providers = Both.Providers, Limits = new CoPilotLimits { Retries = 1, RetryDelay = TimeSpan.FromMilliseconds(1), CircuitCalls = 4, CircuitBreak = TimeSpan.FromMilliseconds(700) },
        });
        for (var i = 0; i < 4; i++)
            await writer.WriteAsync(Samples.Request("?", $"Pain {i} here."), Samples.Minute, Cancel);
        writer.Status().Providers[0].Circuit.ShouldBe("open");
        var asked = (await Cloud.RequestsAsync()).Count;
        var note = await writer.WriteAsync(Samples.Request("?", "Another pain."), Samples.Minute, Cancel);
        note.Provenance.Attempts.Select(attempt => attempt.Outcome).ShouldBe(["circuitOpen", "written"]);
        (await Cloud.RequestsAsync()).Count.ShouldBe(asked);
        await Cloud.AlwaysAsync("ok");
        var i2 = 0;
        await UntilAsync(async () => (await writer.WriteAsync(Samples.Request("?", $"Pain again {i2++}."), Samples.Minute, Cancel)).Provenance.Source == NoteSource.Cloud);
        writer.Status().Providers[0].Circuit.ShouldBe("closed");
    }

    [Theory]
    [InlineData("status 429 600")]
    [InlineData("status 529 600")]
    public async Task A_provider_that_says_when_to_come_back_is_not_asked_before(string behaviour)
    {
        await Cloud.AlwaysAsync(behaviour);
        await using var writer = Writer(Both);
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        await Cloud.AlwaysAsync("ok");
        var note = await writer.WriteAsync(Samples.Request("?", "Something else hurts."), Samples.Minute, Cancel);
        note.Provenance.Source.ShouldBe(NoteSource.Local);
        note.Provenance.Attempts[0].Outcome.ShouldBe("throttled");
        (await Cloud.RequestsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_date_says_when_to_come_back_as_well()
    {
        await Cloud.AlwaysAsync($"status 429 {TimeProvider.System.GetUtcNow().AddHours(1):R}");
        await using var writer = Writer(Both);
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        await writer.WriteAsync(Samples.Request("?", "Something else hurts."), Samples.Minute, Cancel);
        (await Cloud.RequestsAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_providers_rate_is_kept_and_the_rest_goes_to_the_next()
    {
        await using var writer = Writer([Samples.Cloud(Cloud.Root) with { CallsPerMinute = 2 }, Samples.Local(Local.V1)]);
        var sources = new List<NoteSource>();
        for (var i = 0; i < 4; i++)
            sources.Add((await writer.WriteAsync(Samples.Request("?", $"Pain {i} here."), Samples.Minute, Cancel)).Provenance.Source);
        sources.ShouldBe([NoteSource.Cloud, NoteSource.Cloud, NoteSource.Local, NoteSource.Local]);
        writer.Status().Providers[0].Circuit.ShouldBe("closed");
    }

    [Fact]
    public async Task With_hedging_the_first_to_answer_wins_and_the_other_is_no_failure()
    {
        await Cloud.AlwaysAsync("hang");
        await using var writer = Writer(Both with { HedgeAfter = TimeSpan.FromMilliseconds(100) });
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        note.Provenance.Source.ShouldBe(NoteSource.Local);
        note.Provenance.Attempts.Select(attempt => (attempt.Provider, attempt.Outcome)).ShouldBe([("local", "written"), ("cloud", "outrun")]);
        writer.Status().Providers[0].Failures.ShouldBe(0);
    }

    [Fact]
    public async Task A_callers_budget_of_tokens_is_what_a_provider_is_told()
    {
        await using var writer = Writer(Samples.Cloud(Cloud.Root));
        await writer.WriteAsync(Samples.Request(), new NoteBudget(TimeSpan.FromMinutes(1), 700), Cancel);
        (await Cloud.RequestsAsync()).ShouldHaveSingleItem().GetProperty("body").GetProperty("max_tokens").GetInt32().ShouldBe(700);
    }

    [Fact]
    public async Task Without_any_provider_there_is_a_template_at_once()
    {
        await using var writer = Writer(new CoPilotOptions());
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldBe(NoteSource.Template);
    }

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(20, Cancel);
    }
}
