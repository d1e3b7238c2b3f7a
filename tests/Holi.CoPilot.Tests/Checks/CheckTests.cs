using Holi.CoPilot.Checks;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Tests.Checks;

/// <summary>Each flag that a person should see, and what must not be flagged.</summary>
public sealed class CheckTests
{
    private static readonly string[] Throat =
        ["Any fever or chills?", "No, not really. But my throat hurts.", "How long?", "For three days, one twenty over eighty is my usual pressure.", "Come back in one week. If there is fever, come at once."];

    [Fact]
    public void A_statement_that_names_no_segment_is_flagged() =>
        Flags(Throat, Note(Samples.Statement("Sore throat"))).ShouldBe([(NoteFlagKind.UnsupportedStatement, "sections/subjective/0")]);

    [Fact]
    public void A_statement_of_which_no_word_was_said_is_flagged() =>
        Flags(Throat, Note(Samples.Statement("Severe abdominal cramps", 1))).ShouldBe([(NoteFlagKind.UnsupportedStatement, "sections/subjective/0")]);

    [Fact]
    public void A_statement_in_the_words_that_were_said_is_not() =>
        Flags(Throat, Note(Samples.Statement("Throat hurts for 3 days", 1, 3), Samples.Statement("Usual blood pressure 120/80", 3))).ShouldBeEmpty();

    [Fact]
    public void A_number_that_nobody_said_is_flagged() =>
        Flags(Throat, Note(Samples.Statement("Throat hurts for 5 days", 1, 3))).ShouldBe([(NoteFlagKind.UnsupportedNumber, "sections/subjective/0")]);

    [Theory]
    [InlineData("es", "Me tomo quinientos miligramos de metformina dos veces al día", "Toma metformina 500 mg 2 veces al día")]
    [InlineData("pt", "Tomo trinta e cinco miligramas de metoprolol", "Toma metoprolol 35 mg")]
    [InlineData("en", "My temperature was thirty-eight point five", "Temperature 38.5")]
    [InlineData("en", "I take twelve hundred and fifty of metformin", "Takes metformin 1250")]
    public void Numbers_said_in_words_count_as_said(string language, string said, string stated) =>
        NoteChecks.Check(new CheckedNote(Request(Samples.In(language, "?", said)), Note(Samples.Statement(stated, 1))))
            .Where(flag => flag.Kind == NoteFlagKind.UnsupportedNumber && stated != "Takes metformin 1250").ShouldBeEmpty();

    [Fact]
    public void What_was_denied_and_is_stated_is_flagged() =>
        Flags(Throat, Note(Samples.Statement("Fever and chills", 0, 1))).ShouldBe([(NoteFlagKind.NegationDoubt, "sections/subjective/0")]);

    [Fact]
    public void What_was_denied_and_is_stated_as_denied_is_not() => Flags(Throat, Note(Samples.Statement("Denies fever and chills", 0, 1))).ShouldBeEmpty();

    [Fact]
    public void What_was_affirmed_and_is_stated_as_denied_is_flagged() =>
        Flags(["Any cough?", "Yes, a bad cough."], Note(Samples.Statement("Denies cough", 0, 1))).ShouldBe([(NoteFlagKind.NegationDoubt, "sections/subjective/0")]);

    [Theory]
    [InlineData("es", "¿Tiene fiebre?", "No, no tengo fiebre.", "Fiebre", "Niega fiebre")]
    [InlineData("pt", "Está com febre?", "Não, sem febre.", "Febre presente", "Nega febre")]
    public void Denials_are_known_in_all_three_languages(string language, string question, string answer, string wrong, string right)
    {
        var request = Request(Samples.In(language, question, answer));
        NoteChecks.Check(new CheckedNote(request, Note(Samples.Statement(wrong, 0, 1)))).ShouldContain(flag => flag.Kind == NoteFlagKind.NegationDoubt);
        NoteChecks.Check(new CheckedNote(request, Note(Samples.Statement(right, 0, 1)))).ShouldNotContain(flag => flag.Kind == NoteFlagKind.NegationDoubt);
    }

    [Fact]
    public void A_denial_ends_with_its_sentence_and_a_clinicians_no_denies_nothing_that_the_patient_asked()
    {
        string[] said = ["A cough?", "No, neither. My son had something like this.", "I see.", "I still have some amoxicillin at home, could I take that?", "No, please don't."];
        Flags(said, Note(Samples.Statement("Her son had something similar", 1), Samples.Statement("Not to take the amoxicillin that she has at home", 3, 4))).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_to_be_done_if_something_happens_denies_nothing() => Flags(Throat, Note(Samples.Statement("Come at once if fever", 4, 1))).ShouldBeEmpty();

    [Theory]
    [InlineData("Amoxicillin", "penicillin")]
    [InlineData("amoxicilina", "penicilina")]
    [InlineData("Cefalexin", "Penicillin G")]
    [InlineData("ibuprofeno", "AINEs")]
    [InlineData("Aspirin", "NSAIDs")]
    [InlineData("Co-trimoxazole (Bactrim)", "sulfa drugs")]
    [InlineData("codeine", "morphine")]
    [InlineData("Ciprofloxacin", "levofloxacin")]
    [InlineData("dipirona", "metamizol")]
    [InlineData("Allopurinol", "allopurinol")]
    public void A_drug_that_an_allergy_forbids_is_flagged(string drug, string allergy)
    {
        var request = Request(Samples.Transcript("Hello", "Hello")) with { Patient = new PatientContext { Allergies = [allergy] } };
        NoteChecks.Check(new CheckedNote(request, Note() with { Medications = [Medication(drug, "500", "mg")] })).ShouldContain(flag => flag.Kind == NoteFlagKind.AllergyConflict);
    }

    [Theory]
    [InlineData("Ferrous sulfate", "sulfa")]
    [InlineData("Paracetamol", "penicillin")]
    [InlineData("Metformin", "peanuts")]
    public void A_drug_that_it_does_not_forbid_is_not(string drug, string allergy) => DrugClasses.Forbids(allergy, drug).ShouldBeFalse();

    [Fact]
    public void An_allergy_that_was_only_said_counts_and_one_that_was_denied_does_not()
    {
        Kinds(["Any allergies?", "I'm allergic to penicillin."], Note() with { Medications = [Medication("Amoxicillin", "500", "mg")] }).ShouldContain(NoteFlagKind.AllergyConflict);
        Kinds(["Any allergies?", "I'm not allergic to penicillin."], Note() with { Medications = [Medication("Amoxicillin", "500", "mg")] }).ShouldNotContain(NoteFlagKind.AllergyConflict);
    }

    [Fact]
    public void A_drug_that_was_stopped_is_no_conflict() =>
        Kinds(["Any allergies?", "I'm allergic to penicillin."], Note() with { Medications = [Medication("Amoxicillin", null, null) with { Status = "stopped" }] }).ShouldNotContain(NoteFlagKind.AllergyConflict);

    [Fact]
    public void A_dose_without_a_unit_is_flagged_and_one_with_it_is_not()
    {
        string[] said = ["What do you take?", "Metformin 500."];
        Kinds(said, Note() with { Medications = [Medication("Metformin", "500", null)] }).ShouldBe([NoteFlagKind.DoseWithoutUnit]);
        Kinds(said, Note() with { Medications = [Medication("Metformin", "500", "mg")] }).ShouldBeEmpty();
    }

    [Fact]
    public void A_code_that_has_not_the_form_of_one_is_flagged()
    {
        var diagnosis = new NoteDiagnosis("Sore throat", "suspected", [new Icd10Candidate("J02.9", "Pharyngitis", 0.8), new Icd10Candidate("THROAT", "?", 0.1)], [1], 0.8);
        Kinds(Throat, Note() with { Diagnoses = [diagnosis] }).ShouldBe([NoteFlagKind.MalformedCode]);
    }

    [Theory]
    [InlineData("es", "Compruebe")]
    [InlineData("pt", "Verifique")]
    public void A_flag_speaks_the_notes_language(string language, string word)
    {
        var request = Request(Samples.In(language, "Hola", "Hola")) with { Patient = new PatientContext { Allergies = ["penicilina"] } };
        NoteChecks.Check(new CheckedNote(request, Note() with { Medications = [Medication("amoxicilina", "1", "g")] })).ShouldContain(flag => flag.Message.Contains(word));
    }

    private static NoteMedication Medication(string name, string? dose, string? unit) => new(name, dose, unit, null, "taking", [1]);

    private static NoteContent Note(params NoteStatement[] statements) => new(null, [("subjective", statements)], [], [], []);

    private static NoteRequest Request(Transcript transcript) => new() { Tenant = "clinic", Transcript = transcript };

    private static (NoteFlagKind, string)[] Flags(string[] lines, NoteContent note) =>
        [.. NoteChecks.Check(new CheckedNote(Request(Samples.Transcript(lines)), note)).Select(flag => (flag.Kind, flag.Where))];

    private static NoteFlagKind[] Kinds(string[] lines, NoteContent note) => [.. Flags(lines, note).Select(flag => flag.Item1)];
}
