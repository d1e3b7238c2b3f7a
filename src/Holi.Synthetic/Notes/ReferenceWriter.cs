using System.Globalization;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Notes;

/// <summary>Writes the reference note of a record.</summary>
internal sealed class ReferenceWriter(Scene scene, Dialogue.Dialogue dialogue)
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<int>> _facts = dialogue.Facts;
    private readonly NoteWords _words = NoteWords.Of(scene.Language);
    private readonly Phrases _phrases = Phrases.Of(scene.Language);

    public ReferenceNote Write() => new()
    {
        Language = scene.Language.Code(),
        ChiefComplaint = Statement(Complaint(), "complaint"),
        Sections = [.. SoapForm.Sections(scene.Language).Select(form => new NoteSection(form.Key, form.Title, Statements(form.Key), 1))],
        Diagnoses = Diagnoses(),
        Medications =
        [
            .. scene.Patient.Medications.Select(one => Medication(one, "taking", $"medication:{one.Drug}")),
            .. scene.Encounter.Plan.Select(one => Medication(one, "started", $"plan:{one.Drug}")),
        ],
        FollowUps = [new NoteFollowUp(_words.FollowUp, Wording.When(scene.Encounter.FollowUpDays, _phrases), Segments("followUp"))],
    };

    private List<NoteStatement> Statements(string section) => section switch
    {
        "subjective" => [.. Subjective()],
        "objective" => [.. Objective()],
        "assessment" => [.. Assessment()],
        _ => [.. Plan()],
    };

    private IEnumerable<NoteStatement> Subjective()
    {
        var encounter = scene.Encounter;
        yield return Statement(
            Fill(_words.Presents, ("age", Text(scene.Patient.Age)), ("sex", scene.Patient.Sex == "female" ? _words.Female : _words.Male), ("reason", Complaint())),
            "complaint");
        if (!scene.IsCheckup)
            yield return Statement(Fill(_words.Onset, ("onset", Wording.Duration(encounter.OnsetDays, _phrases))), "onset");
        if (encounter.Symptoms.Count > 0)
            yield return Statement(Fill(_words.Reports, ("list", List(encounter.Symptoms.Select(Term)))), [.. encounter.Symptoms.Select(symptom => $"symptom:{symptom}")]);
        if (encounter.Denied.Count > 0)
            yield return Statement(Fill(_words.Denies, ("list", List(encounter.Denied.Select(Term)))), [.. encounter.Denied.Select(symptom => $"denied:{symptom}")]);
        foreach (var story in _facts.Keys.Where(fact => fact.StartsWith("story:", StringComparison.Ordinal)))
            yield return Statement(Fill(_words.Quote, ("text", Story(story))), story);
        yield return Statement(
            scene.Patient.Problems.Count == 0 ? _words.NoProblems : Fill(_words.Problems, ("list", List(scene.Patient.Problems.Select(problem => problem.Name)))), "problems");
        yield return Statement(
            scene.Patient.Medications.Count == 0 ? _words.NoMedications : Fill(_words.Medications, ("list", string.Join("; ", scene.Patient.Medications.Select(Dose)))),
            [.. scene.Patient.Medications.Select(one => $"medication:{one.Drug}").DefaultIfEmpty("medications")]);
        yield return Statement(
            scene.Patient.Allergies.Count == 0 ? _words.NoAllergies
                : Fill(_words.Allergies, ("list", string.Join("; ", scene.Patient.Allergies.Select(allergy => $"{allergy.Name} ({allergy.ReactionName})")))),
            [.. scene.Patient.Allergies.Select(allergy => $"allergy:{allergy.Allergen}").DefaultIfEmpty("allergies")]);
        if (_facts.TryGetValue("family", out var family))
            yield return Statement(Fill(_words.Family, ("text", dialogue.Transcript.Segments[family[1]].Text.TrimEnd('.'))), "family");
        if (_facts.ContainsKey("smoking"))
            yield return Statement(Fill(_words.Smoking(scene.Patient.Smoking)), "smoking");
        if (scene.Patient.IsPregnant)
            yield return Statement(_words.Pregnant, "pregnancy");
    }

    private IEnumerable<NoteStatement> Objective()
    {
        yield return Statement(
            Fill(_words.Vitals, ("systolic", Vital("systolic")), ("diastolic", Vital("diastolic")), ("pulse", Vital("heart-rate")), ("temperature", Vital("temperature")),
                ("oxygen", Vital("oxygen-saturation"))),
            "pressure", "vitals");
        if (_facts.ContainsKey("pain"))
            yield return Statement(Fill(_words.Pain, ("n", Vital("pain"))), "pain");
        foreach (var region in scene.Encounter.Regions.Select(id => scene.Table.Regions[id]))
        {
            var found = scene.Encounter.Findings.Select(id => scene.Table.Findings[id]).Where(finding => finding.Region == region.Id).DefaultIfEmpty(region.Normal);
            foreach (var finding in found)
            {
                yield return Statement(
                    $"{Template.Capital(region.Names[scene.Language])}: {finding.Term(scene.Language)}.", finding.IsNormal ? $"region:{region.Id}" : $"finding:{finding.Id}");
            }
        }
        foreach (var lab in scene.Patient.Labs)
            yield return Statement(Result(lab), $"lab:{lab.Measure}");
    }

    private IEnumerable<NoteStatement> Assessment()
    {
        var because = scene.Condition.Because.Select(Evidence).ToList();
        yield return Statement(
            Fill(_words.Assessment, ("diagnosis", scene.Encounter.Diagnosis), ("icd", scene.Encounter.Icd10), ("list", List(because))),
            ["diagnosis", .. scene.Condition.Because.Select(evidence => $"symptom:{evidence.Id}"), .. scene.Condition.Because.Select(evidence => $"finding:{evidence.Id}"),
                .. scene.Condition.Because.Select(evidence => $"lab:{evidence.Id}")]);
        yield return Statement(
            Fill(_words.Differential, ("list", List(scene.Encounter.Differential.Select(id => Template.Inside(scene.Table.Conditions[id].Names[scene.Language]))))), "differential");
    }

    private IEnumerable<NoteStatement> Plan()
    {
        foreach (var one in scene.Encounter.Plan)
            yield return Statement($"{Template.Capital(Dose(one))}{Wording.Long(one, _phrases)}.", $"plan:{one.Drug}");
        foreach (var advice in scene.Encounter.Advice)
            yield return Statement($"{Template.Capital(Fill(scene.Table.Advice[advice].Term(scene.Language)))}.", $"advice:{advice}");
        if (scene.Encounter.Refer is { } refer)
            yield return Statement(Fill(_words.Refer, ("specialty", _phrases.Word($"specialty.{refer}"))), "refer");
        yield return Statement(
            Fill(_words.RedFlags, ("list", List(scene.Encounter.RedFlags.Select(Term)))), "redFlags");
        yield return Statement(Fill(_words.Return, ("when", Wording.When(scene.Encounter.FollowUpDays, _phrases))), "followUp");
    }

    private List<NoteDiagnosis> Diagnoses() =>
    [
        new NoteDiagnosis(
            scene.Encounter.Diagnosis, IsSuspected() ? "suspected" : "confirmed", [new Icd10Candidate(scene.Encounter.Icd10, scene.Encounter.Diagnosis, 1)], Segments("diagnosis"), 1),
        .. scene.Encounter.Differential.Select(id => scene.Table.Conditions[id]).Select(other => new NoteDiagnosis(
            other.Names[scene.Language], "ruledOut", [new Icd10Candidate(other.Icd10, other.Names[scene.Language], 1)], Segments("differential"), 1)),
    ];

    private bool IsSuspected() => scene.Condition.Names.English.StartsWith("Suspected", StringComparison.Ordinal);

    private NoteMedication Medication(Prescription one, string status, string fact) => new(
        one.Name, Wording.Number(one.Dose, scene.Language), one.Unit, one.Frequency, status, Segments(fact));

    private string Complaint() => scene.IsCheckup ? _words.Checkup : List(scene.Encounter.Symptoms.Take(2).Select(Term));

    private string Dose(Prescription one) =>
        $"{one.Name} {Wording.Number(one.Dose, scene.Language)} {Wording.Unit(one.Unit, one.Dose, _phrases)} {Wording.Route(one.Route, _phrases)} {one.Frequency}";

    private string Result(Measurement lab)
    {
        if (lab.Result is { } result)
            return $"{Template.Capital(lab.Name)}: {_phrases.Word($"result.{result}")}.";
        var range = $"{Wording.Number(lab.Low!.Value, scene.Language)}–{Wording.Number(lab.High!.Value, scene.Language)}";
        return $"{Template.Capital(lab.Name)}: {Wording.Number(lab.Value!.Value, scene.Language)} {Wording.UnitText(lab.Unit)} ({range}){Flag(lab)}.";
    }

    private static string Flag(Measurement lab) => lab.Flag == "N" ? "" : $" {lab.Flag}";

    private string Evidence(Table.Evidence evidence) => evidence.Kind switch
    {
        "present" => scene.Table.Symptoms.TryGetValue(evidence.Id, out var symptom) ? symptom.Term(scene.Language) : scene.Table.Findings[evidence.Id].Term(scene.Language),
        "above" or "below" => $"{scene.Table.Measure(evidence.Id).Names[scene.Language]} {Vital(evidence.Id)}",
        "positive" or "negative" => $"{scene.Table.Measure(evidence.Id).Names[scene.Language]} {_phrases.Word($"result.{evidence.Kind}")}",
        _ => $"{scene.Table.Measure(evidence.Id).Names[scene.Language]} {Lab(evidence.Id)}",
    };

    private string Story(string fact) =>
        Template.Capital(Fill(scene.Condition.Story[scene.Language][int.Parse(fact["story:".Length..], CultureInfo.InvariantCulture)]));

    private string Term(string symptom) => scene.Table.Symptoms[symptom].Term(scene.Language);

    private string Vital(string measure) => Wording.Number(scene.Vital(measure).Value!.Value, scene.Language);

    private string Lab(string measure) => Wording.Number(scene.Patient.Labs.First(lab => lab.Measure == measure).Value!.Value, scene.Language);

    private static string List(IEnumerable<string> items) => string.Join(", ", items);

    private NoteStatement Statement(string text, params IReadOnlyList<string> said) =>
        new(text, [.. said.SelectMany(Segments).Distinct().Order()], 1);

    private IReadOnlyList<int> Segments(string fact) => _facts.TryGetValue(fact, out var segments) ? segments : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Fill(string phrase, params IEnumerable<(string Name, string Value)> places) =>
        Template.Fill(phrase, scene.Agreement, places.ToDictionary(place => place.Name, place => place.Value, StringComparer.Ordinal));
}
