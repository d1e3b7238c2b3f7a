using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Tests.Providers;
using Microsoft.Extensions.Logging;

namespace Holi.CoPilot.Tests.Notes;

/// <summary>Reading along, long transcripts, and what stays out of every record of what happened.</summary>
public sealed class WritingTests(ModelServerFixture servers) : ModelServerTests(servers)
{
    [Fact]
    public async Task Who_reads_along_is_told_each_statement_and_at_last_the_note()
    {
        await using var writer = Writer(Both);
        var updates = await AllAsync(writer.WatchAsync(Samples.Request(), Samples.Minute, Cancel));
        updates.Select(update => update.Kind).ShouldBe(
            [NoteUpdateKind.Asking, NoteUpdateKind.Statement, NoteUpdateKind.Statement, NoteUpdateKind.Statement, NoteUpdateKind.Note]);
        updates.Where(update => update.Statement is not null).Select(update => (update.Section, update.Statement!.Text)).ShouldBe(
            updates[^1].Note!.Sections.SelectMany(section => section.Statements.Select(statement => ((string?)section.Key, statement.Text))));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("cut-clean")]
    [InlineData("hang-midway")]
    [InlineData("lie-stop")]
    public async Task What_a_failed_provider_had_told_is_void_before_another_tells(string behaviour)
    {
        await Cloud.AlwaysAsync(behaviour);
        await using var writer = Writer(new CoPilotOptions
        {
            Providers = [Samples.Cloud(Cloud.Root) with { IdleTimeout = TimeSpan.FromMilliseconds(500) }, Samples.Local(Local.V1)],
            Limits = new CoPilotLimits { RetryDelay = TimeSpan.FromMilliseconds(1) },
        });
        var shown = new List<string>();
        Note? note = null;
        await foreach (var update in writer.WatchAsync(Samples.Request(), Samples.Minute, Cancel))
        {
            if (update.Kind == NoteUpdateKind.Discarded)
                shown.Clear();
            if (update.Statement is { } statement)
                shown.Add(statement.Text);
            note = update.Note;
        }
        note!.Provenance.Source.ShouldBe(NoteSource.Local);
        shown.ShouldBe(note.Sections.SelectMany(section => section.Statements.Select(statement => statement.Text)));
    }

    [Fact]
    public async Task A_transcript_longer_than_the_models_context_is_split_noted_and_merged()
    {
        var lines = Enumerable.Range(0, 120).Select(i => i % 2 == 0 ? $"Tell me about day {i}." : $"On day {i} my knee hurt, and I walked {i} metres with some trouble.").ToArray();
        await using var writer = Writer(Samples.Local(Local.V1) with { ContextTokens = 3_000, OutputTokens = 1_000 });
        var note = await writer.WriteAsync(Samples.Request(lines), Samples.Minute, Cancel);
        note.Provenance.Parts.ShouldBeGreaterThan(2);
        (await Local.RequestsAsync()).Count.ShouldBe(note.Provenance.Parts);
        note.Provenance.InputTokens.ShouldBe(321L * note.Provenance.Parts);
        var indexes = note.Sections[0].Statements.SelectMany(statement => statement.Segments).ToList();
        indexes.ShouldBe(indexes.Distinct().Order());
        indexes[0].ShouldBe(1);
        indexes[^1].ShouldBeGreaterThan(60);
        note.Flags.ShouldBeEmpty();
    }

    [Fact]
    public async Task Three_hours_fit_into_a_small_model_in_the_building_and_into_one_call_to_the_cloud()
    {
        var lines = Enumerable.Range(0, 1_800).Select(i => i % 2 == 0
            ? $"And what happened then, in the minutes around number {i}, as far as you still know?"
            : $"Then at number {i} my left knee began to hurt again, and I had to sit down for some time.").ToArray();
        await using var writer = Writer([Samples.Cloud(Cloud.Root), Samples.Local(Local.V1) with { ContextTokens = 8_192 }]);
        var local = await writer.WriteAsync(Samples.Request(lines) with { LocalOnly = true }, Samples.Minute, Cancel);
        local.Provenance.Parts.ShouldBeInRange(8, 48);
        local.Sections[0].Statements[^1].Segments[0].ShouldBeGreaterThan(1_600);
        (await writer.WriteAsync(Samples.Request(lines), Samples.Minute, Cancel)).Provenance.Parts.ShouldBe(1);
    }

    [Fact]
    public async Task When_the_time_ends_between_parts_the_note_says_how_far_it_goes()
    {
        var lines = Enumerable.Range(0, 120).Select(i => i % 2 == 0 ? $"Tell me about day {i}." : $"On day {i} my knee hurt, and I walked {i} metres with some trouble.").ToArray();
        await Local.NextAsync("ok", "ok", "status 400");
        await using var writer = Writer(Samples.Local(Local.V1) with { ContextTokens = 3_000, OutputTokens = 1_000 });
        var note = await writer.WriteAsync(Samples.Request(lines), Samples.Minute, Cancel);
        var flag = note.Flags.ShouldHaveSingleItem();
        flag.Kind.ShouldBe(NoteFlagKind.PartOfTranscript);
        note.Sections[0].Statements.SelectMany(statement => statement.Segments).ShouldAllBe(index => index <= flag.Segments[0]);
        // Half a note is never handed out again.
        (await writer.WriteAsync(Samples.Request(lines), Samples.Minute, Cancel)).Flags.ShouldBeEmpty();
    }

    [Fact]
    public async Task Segments_that_do_not_exist_are_dropped_and_what_is_left_without_support_is_flagged()
    {
        var answer = Samples.Answer(Samples.Statement("Come back in one week", 99));
        await Cloud.TextAsync(JsonSerializer.Serialize(answer, CoPilot.Answers.AnswerJson.Default.Answer));
        await Cloud.AlwaysAsync("text");
        await using var writer = Writer(Both);
        var note = await writer.WriteAsync(Samples.Request(), Samples.Minute, Cancel);
        note.Sections[^1].Statements.ShouldHaveSingleItem().Segments.ShouldBeEmpty();
        note.Flags.ShouldHaveSingleItem().Where.ShouldBe("sections/plan/0");
        note.Sections[^1].Confidence.ShouldBe(0.45);
        note.Sections[0].Confidence.ShouldBe(0.9);
    }

    [Theory]
    [InlineData("ok")]
    [InlineData("status 400")]
    [InlineData("status 500")]
    [InlineData("garbage")]
    [InlineData("malformed")]
    [InlineData("schema")]
    [InlineData("error-midway")]
    public async Task Nothing_of_a_consultation_is_in_logs_metrics_status_or_attempts(string behaviour)
    {
        await Cloud.AlwaysAsync(behaviour);
        await Local.AlwaysAsync(behaviour);
        var heard = new StringBuilder();
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == CoPilotMeter.Name) listener.EnableMeasurementEvents(instrument); } };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, tags));
        meters.Start();
        await using var writer = new NoteWriter(
            Both with { Limits = new CoPilotLimits { Retries = 1, RetryDelay = TimeSpan.FromMilliseconds(1) } }, TimeProvider.System, new Random(1), log: new Ears(heard));
        var note = await writer.WriteAsync(Samples.Request("?", "zebrafish hurts"), new NoteBudget(TimeSpan.FromSeconds(20)), Cancel);
        heard.Append(note.Provenance).AppendJoin(",", note.Provenance.Attempts).Append(writer.Status());
        heard.ToString().ShouldNotContain("zebrafish");
        heard.ToString().ShouldContain(note.Provenance.Source == NoteSource.Template ? "template" : "cloud");

        void Hear(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (heard)
            {
                heard.Append(instrument.Name);
                foreach (var tag in tags)
                    heard.Append(tag.Key).Append(tag.Value);
            }
        }
    }

    private static async Task<List<NoteUpdate>> AllAsync(IAsyncEnumerable<NoteUpdate> updates)
    {
        var all = new List<NoteUpdate>();
        await foreach (var update in updates)
            all.Add(update);
        return all;
    }

    private sealed class Ears(StringBuilder heard) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (heard)
                heard.Append(formatter(state, exception)).Append(exception);
        }
    }
}
