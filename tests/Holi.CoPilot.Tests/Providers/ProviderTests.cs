using Holi.CoPilot.Notes;
using Holi.CoPilot.Providers;
using Holi.Servers;

namespace Holi.CoPilot.Tests.Providers;

/// <summary>
/// What every way of speaking to a provider must do, whoever wrote it: Anthropic's library, ours for the native binary, and OpenAI's; each piece by piece and at once.
/// One provider alone, so that what it did is all that happened.
/// </summary>
public sealed class ProviderTests(ModelServerFixture servers) : ModelServerTests(servers)
{
    public static TheoryData<string> Speakers => ["anthropic-library", "anthropic-own", "openai", "anthropic-library-whole", "anthropic-own-whole", "openai-whole"];

    /// <summary>Each misbehaviour and the word for it; * where the connection may die in two ways.</summary>
    public static TheoryData<string, string, string> Faults
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var speaker in Speakers)
            {
                foreach (var (behaviour, word) in new[]
                {
                    ("status 401", "refused"), ("status 403", "refused"), ("status 400", "rejected"), ("status 429 3600", "throttled"), ("status 500", "failed"),
                    ("status 529", "overloaded"), ("status 302", "rejected"), ("hang", "timeout"), ("hang-midway", "timeout"), ("cut", "cut"), ("cut-clean", "cut"), ("error-midway", "failed overloaded cut"),
                    ("malformed", "invalid"), ("schema", "invalid"), ("lie-stop", "invalid"), ("length", "invalid"), ("oversized", "tooLarge"), ("empty", "invalid"), ("refusal", "declined"),
                    ("garbage", "failed cut"),
                })
                {
                    data.Add(speaker.Data, behaviour, word);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task A_note_is_written_and_says_exactly_where_it_came_from(string speaker)
    {
        var (options, server) = Of(speaker);
        await using var writer = Writer(options);
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        note.ChiefComplaint!.Text.ShouldBe("I have had a sore throat for three days.");
        note.Sections[0].Statements.Select(statement => statement.Segments.Single()).ShouldBe([1, 3]);
        note.Sections[^1].Statements.ShouldHaveSingleItem().Text.ShouldBe("Drink plenty and come back in one week.");
        note.Flags.ShouldBeEmpty();
        var from = note.Provenance;
        (from.Source, from.Provider, from.Model, from.PromptVersion, from.IsCached, from.IsRepaired, from.Parts).ShouldBe(
            (options.Place == ProviderPlace.Cloud ? NoteSource.Cloud : NoteSource.Local, options.Name, options.Model, "note-1", false, false, 1));
        from.InputTokens.ShouldBe(321);
        from.OutputTokens.ShouldBeGreaterThan(10);
        from.Attempts.ShouldHaveSingleItem().Outcome.ShouldBe("written");
        from.IsRedacted.ShouldBe(options.Place == ProviderPlace.Cloud);
        (await server.RequestsAsync()).Count.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Whatever_a_provider_does_the_caller_gets_a_template_that_says_why(string speaker, string behaviour, string words)
    {
        var (options, server) = Of(speaker);
        await server.AlwaysAsync(behaviour);
        await using var writer = Writer(new CoPilotOptions
        {
            Providers = [options with { FirstTokenTimeout = TimeSpan.FromMilliseconds(400), IdleTimeout = TimeSpan.FromMilliseconds(400) }],
            Limits = new CoPilotLimits { Retries = 1, RetryDelay = TimeSpan.FromMilliseconds(10) },
        });
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        note.Provenance.Source.ShouldBe(NoteSource.Template);
        words.Split(' ').ShouldContain(note.Provenance.Attempts.ShouldHaveSingleItem().Outcome);
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task A_finish_reason_that_lies_about_a_whole_answer_is_not_believed(string speaker)
    {
        var (options, server) = Of(speaker);
        await server.AlwaysAsync("lie-length");
        await using var writer = Writer(options);
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.IsRepaired.ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task An_answer_that_is_no_note_is_repaired_once_and_the_note_says_so(string speaker)
    {
        var (options, server) = Of(speaker);
        await server.NextAsync("malformed", "ok");
        await using var writer = Writer(options);
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        note.Provenance.IsRepaired.ShouldBeTrue();
        note.Provenance.Source.ShouldNotBe(NoteSource.Template);
        note.Provenance.InputTokens.ShouldBe(2 * 321);
        var asked = await server.RequestsAsync();
        asked.Count.ShouldBe(2);
        asked[1].GetProperty("body").GetRawText().ShouldContain("That answer cannot be used");
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task Half_a_note_that_says_it_is_whole_is_repaired(string speaker)
    {
        var (options, server) = Of(speaker);
        await server.NextAsync("lie-stop", "ok");
        await using var writer = Writer(options);
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.IsRepaired.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task An_empty_answer_is_repaired_without_an_empty_turn_which_providers_refuse(string speaker)
    {
        var (options, server) = Of(speaker);
        await server.NextAsync("empty", "ok");
        await using var writer = Writer(options);
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.IsRepaired.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task A_failure_that_passes_is_tried_again_and_a_wait_that_was_asked_for_is_kept(string speaker)
    {
        var (options, server) = Of(speaker);
        await server.NextAsync("status 500", "status 429 1", "ok");
        await using var writer = Writer(options);
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        note.Provenance.Source.ShouldNotBe(NoteSource.Template);
        note.Provenance.Latency.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        (await server.RequestsAsync()).Count.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task What_is_asked_has_the_form_the_provider_expects(string speaker)
    {
        var (options, server) = Of(speaker);
        await using var writer = Writer(options);
        await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        var asked = (await server.RequestsAsync()).ShouldHaveSingleItem();
        var (body, headers) = (asked.GetProperty("body"), asked.GetProperty("headers"));
        body.GetProperty("model").GetString().ShouldBe(options.Model);
        body.TryGetProperty("stream", out var stream).ShouldBe(options.IsStreamed || stream.ValueKind != default);
        if (options.Api == ProviderApi.Anthropic)
        {
            asked.GetProperty("path").GetString().ShouldBe("/v1/messages");
            headers.GetProperty("Authorization").GetString().ShouldBe("Bearer a-key");
            headers.GetProperty("anthropic-version").GetString().ShouldBe("2026-10-21");
            body.GetProperty("max_tokens").GetInt32().ShouldBe(options.OutputTokens);
            body.GetProperty("output_config").GetProperty("format").GetProperty("type").GetString().ShouldBe("json_schema");
        }
        else
        {
            asked.GetProperty("path").GetString().ShouldBe("/v1/chat/completions");
            body.GetProperty("max_tokens").GetInt32().ShouldBe(options.OutputTokens);
            body.GetProperty("temperature").GetDouble().ShouldBe(0);
            body.GetProperty("response_format").GetProperty("type").GetString().ShouldBe("json_schema");
        }
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public async Task A_provider_that_knows_no_schema_is_told_it_in_words(string speaker)
    {
        var (options, server) = Of(speaker);
        await using var writer = Writer(options with { IsStructured = false });
        (await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel)).Provenance.Source.ShouldNotBe(NoteSource.Template);
        var body = (await server.RequestsAsync()).ShouldHaveSingleItem().GetProperty("body");
        body.TryGetProperty("output_config", out _).ShouldBeFalse();
        body.TryGetProperty("response_format", out _).ShouldBeFalse();
        body.GetRawText().ShouldContain("additionalProperties");
    }

    [Theory]
    [InlineData("anthropic-own")]
    [InlineData("openai")]
    public async Task A_health_check_costs_no_tokens_and_names_the_model(string speaker)
    {
        var (options, server) = Of(speaker);
        await using var writer = Writer(options with { Model = options.Api == ProviderApi.OpenAi ? null : options.Model });
        writer.Status().Providers.ShouldHaveSingleItem().Last.ShouldBeNull();
        await writer.CheckAsync(Cancel);
        var status = writer.Status().Providers.ShouldHaveSingleItem();
        (status.Last, status.Circuit).ShouldBe(("up", "closed"));
        status.Model.ShouldBe(options.Api == ProviderApi.OpenAi ? "fake-model-1" : options.Model);
        (await server.RequestsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_without_a_configured_model_is_asked_for_the_one_it_runs()
    {
        await using var writer = Writer(Samples.Local(Local.V1) with { Model = null });
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        note.Provenance.Model.ShouldBe("fake-model-1");
    }

    private (ProviderOptions Options, ModelServer Server) Of(string speaker)
    {
        var isStreamed = !speaker.EndsWith("-whole", StringComparison.Ordinal);
        return speaker.StartsWith("openai", StringComparison.Ordinal)
            ? (Samples.Local(Local.V1) with { IsStreamed = isStreamed }, Local)
            : (Samples.Cloud(Cloud.Root, usesLibrary: speaker.StartsWith("anthropic-library", StringComparison.Ordinal)) with { IsStreamed = isStreamed }, Cloud);
    }
}
