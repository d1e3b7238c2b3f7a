using Holi.CoPilot.Notes;
using Holi.Servers;
using Holi.Synthetic.Notes;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Tests.Notes;

public sealed class RecordNotesTests
{
    private static readonly Recipe Mix = Recipe.Of(42, "mix");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_template_is_labelled_a_template_and_stored_as_one()
    {
        await using var notes = RecordNotes.Open("template", TimeProvider.System)!;
        for (var number = 0; number < 12; number++)
        {
            var record = RecordMaker.Make(Mix, number);
            var note = await notes.WriteAsync(record, Cancel);
            note.Provenance.Source.ShouldBe(NoteSource.Template);
            var row = RecordRows.Of(Mix, number, record, note);
            RecordRows.Written(row)!.Provenance.Source.ShouldBe(NoteSource.Template);
            RecordRows.Record(row).Reference.Provenance.Source.ShouldBe("reference");
        }
        notes.Summary().ShouldBe("12 template");
    }

    [Fact]
    public async Task A_models_note_keeps_where_it_came_from()
    {
        await using var server = await ModelServer.StartAsync(Cancel);
        await using var notes = new RecordNotes(NoteSettings.Read(name => name == "HOLI_CoPilot__Providers__local__Endpoint" ? server.V1.ToString() : null), TimeProvider.System);
        for (var number = 0; number < 6; number++)
        {
            var record = RecordMaker.Make(Mix, number);
            var note = await notes.WriteAsync(record, Cancel);
            note.Provenance.Source.ShouldBe(NoteSource.Local);
            note.Provenance.Provider.ShouldBe("local");
            note.Language.ShouldBe(record.Patient.Language);
        }
        notes.Summary().ShouldBe("6 local");
    }

    [Fact]
    public async Task Where_nobody_answers_there_is_an_honest_template_that_names_who_was_asked()
    {
        await using var notes = new RecordNotes(NoteSettings.Read(name => name.EndsWith("local__Endpoint", StringComparison.Ordinal) ? $"http://127.0.0.1:{ServerProcess.FreePort()}/v1" : null), TimeProvider.System);
        var note = await notes.WriteAsync(RecordMaker.Make(Mix, 0), Cancel);
        note.Provenance.Source.ShouldBe(NoteSource.Template);
        note.Provenance.Attempts.ShouldContain(attempt => attempt.Provider == "local");
    }

    [Fact]
    public void Nothing_goes_to_the_cloud_until_somebody_names_a_key()
    {
        NoteSettings.Read(_ => null).Providers.Select(provider => provider.Name).ShouldBe(["local"]);
        NoteSettings.Read(name => name == "HOLI_CoPilot__Providers__anthropic__Key" ? "k" : null).Providers.Select(provider => provider.Name).ShouldBe(["anthropic", "local"]);
    }

    [Theory]
    [InlineData("HOLI_CoPilot__Route", "sideways")]
    [InlineData("HOLI_CoPilot__Providers__local__Endpoint", "not an address")]
    public void A_setting_that_makes_no_sense_is_refused_by_its_name(string name, string value) =>
        Should.Throw<ArgumentException>(() => NoteSettings.Read(asked => asked == name ? value : null)).Message.ShouldContain(name);

    [Fact]
    public void CoPilot_is_told_who_the_patient_is_so_that_it_can_take_it_out()
    {
        var record = RecordMaker.Make(Mix, 4);
        var context = PatientContexts.Of(record);
        context.Identifiers.Names.ShouldBe([$"{record.Patient.GivenName} {record.Patient.FamilyName}"]);
        context.Identifiers.Phones.ShouldBe([record.Patient.Phone]);
        context.Identifiers.BirthDate.ShouldBe(record.Patient.BirthDate);
        context.Labs.Count.ShouldBe(record.Patient.Labs.Count(lab => lab.Value is not null));
    }
}
