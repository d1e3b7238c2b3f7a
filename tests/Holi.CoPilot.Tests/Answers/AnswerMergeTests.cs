using Holi.CoPilot.Answers;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Tests.Answers;

public sealed class AnswerMergeTests
{
    [Fact]
    public void What_two_parts_both_say_is_said_once_with_the_segments_of_both()
    {
        var merged = AnswerMerge.Merge([Samples.Answer(Samples.Statement("Rest.", 4)), Samples.Answer(Samples.Statement("rest", 9), Samples.Statement("Return", 10))]);
        merged.Sections["plan"].Select(statement => statement.Text).ShouldBe(["Rest.", "Return"]);
        merged.Sections["plan"][0].Segments.ShouldBe([4, 9]);
    }

    [Fact]
    public void The_first_complaint_and_the_last_word_on_a_diagnosis_count()
    {
        var first = Samples.Answer() with { Diagnoses = [new NoteDiagnosis("Pneumonia", "suspected", [new Icd10Candidate("J18.9", "Pneumonia", 0.6)], [3], 0.6)] };
        var second = Samples.Answer() with { ChiefComplaint = Samples.Statement("Cough", 9), Diagnoses = [new NoteDiagnosis("pneumonia", "ruledOut", [], [12], 0.9)] };
        var merged = AnswerMerge.Merge([first, second]);
        merged.ChiefComplaint!.Text.ShouldBe("Sore throat");
        var diagnosis = merged.Diagnoses.ShouldHaveSingleItem();
        diagnosis.Certainty.ShouldBe("ruledOut");
        diagnosis.Segments.ShouldBe([3, 12]);
        diagnosis.Candidates.ShouldHaveSingleItem().Code.ShouldBe("J18.9");
    }

    [Fact]
    public void Two_doses_of_one_drug_stay_two_entries_for_a_person_to_look_at()
    {
        NoteMedication Of(string? dose, string status) => new("Metformin", dose, dose is null ? null : "mg", null, status, [1]);
        var merged = AnswerMerge.Merge([Samples.Answer() with { Medications = [Of("500", "taking")] }, Samples.Answer() with { Medications = [Of("1000", "changed"), Of(null, "mentioned")] }]);
        merged.Medications.Select(medication => medication.Dose).ShouldBe(["500", "1000"]);
    }
}
