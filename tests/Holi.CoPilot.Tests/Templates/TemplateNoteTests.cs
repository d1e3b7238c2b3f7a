using Holi.CoPilot.Notes;
using Holi.CoPilot.Templates;

namespace Holi.CoPilot.Tests.Templates;

public sealed class TemplateNoteTests
{
    private static readonly PatientContext Patient = new()
    {
        Problems = ["asthma"], Medications = [new PatientMedication("salbutamol", 100, "ug", "as needed")], Allergies = ["penicillin"],
        Vitals = [new VitalSign("pulse", 72, "/min")], Labs = [new LabResult("2823-3", "Potassium", 4.1m, "mmol/L", 3.5m, 5.1m)],
    };

    [Fact]
    public void It_has_the_form_and_the_record_and_says_that_no_model_wrote_it()
    {
        var note = Of(NoteKind.Soap, "en");
        note.Sections.Select(section => section.Key).ShouldBe(["subjective", "objective", "assessment", "plan"]);
        note.Sections[0].Statements.Select(statement => statement.Text).ShouldBe(
            ["On record: asthma.", "Medication on record: salbutamol 100 ug as needed.", "Allergies on record: penicillin."]);
        note.Sections[1].Statements.Select(statement => statement.Text).ShouldBe(
            ["Vital signs on record: pulse 72 /min.", "Laboratory results on record: Potassium 4.1 mmol/L (3.5–5.1)."]);
        note.Flags.ShouldHaveSingleItem().Kind.ShouldBe(NoteFlagKind.Template);
        note.Provenance.Source.ShouldBe(NoteSource.Template);
        note.Provenance.Model.ShouldBeNull();
        note.IsDraft.ShouldBeTrue();
    }

    [Fact]
    public void Nothing_of_the_consultation_is_in_it()
    {
        foreach (var kind in Enum.GetValues<NoteKind>())
            Of(kind, "en").Sections.SelectMany(section => section.Statements).ShouldAllBe(statement => !statement.Text.Contains("throat"));
    }

    [Theory]
    [InlineData("es", "Subjetivo", "Alergias registradas: penicillin.")]
    [InlineData("pt", "Subjetivo", "Alergias registradas: penicillin.")]
    public void It_speaks_the_language_that_was_asked_for(string language, string title, string text)
    {
        var note = Of(NoteKind.Soap, language);
        note.Sections[0].Title.ShouldBe(title);
        note.Sections[0].Statements[^1].Text.ShouldBe(text);
    }

    private static Note Of(NoteKind kind, string language)
    {
        var request = Samples.Request();
        return TemplateNote.Of(
            request with { Kind = kind, Transcript = request.Transcript with { Language = language }, Patient = Patient }, DateTimeOffset.UnixEpoch, TimeSpan.Zero, []);
    }
}
