// Re-reads the words: what the state holds must be found in the transcript's text, not only in the generator's own index of it.

using System.Text.RegularExpressions;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Checks;

/// <summary>Whether what is in the state was said, and what is denied was denied.</summary>
internal static partial class SaidCheck
{
    public static IEnumerable<Violation> Of(Subject subject)
    {
        var doctor = Texts(subject, Speakers.Doctor);
        var others = Texts(subject, Speakers.Patient).Concat(Texts(subject, Speakers.Companion)).ToList();
        return Drugs(subject, doctor, others).Concat(Values(subject, doctor)).Concat(Arrangements(subject, doctor)).Concat(Symptoms(subject, others)).Concat(Denied(subject));
    }

    private static List<string> Texts(Subject subject, string speaker) =>
        [.. subject.Record.Transcript.Segments.Where(segment => segment.Speaker == speaker).Select(segment => segment.Text)];

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Violation> Drugs(Subject subject, List<string> doctor, List<string> others)
    {
        foreach (var one in subject.Encounter.Plan.Where(one => !doctor.Any(text => Has(text, one.Name) && Has(text, Dose(subject, one)) && Has(text, one.Frequency))))
            yield return new Violation("said", $"nobody prescribes {one.Name}, {Dose(subject, one)}, {one.Frequency}");
        foreach (var one in subject.Patient.Medications.Where(one => !others.Any(text => Has(text, one.Name) && Has(text, Dose(subject, one)) && Has(text, one.Frequency))))
            yield return new Violation("said", $"nobody takes {one.Name}, {Dose(subject, one)}");
        foreach (var allergy in subject.Patient.Allergies.Where(allergy => !others.Any(text => Has(text, allergy.Name) && Has(text, allergy.ReactionName))))
            yield return new Violation("said", $"nobody is allergic to {allergy.Name}");
        // A drug that is named must be of the state: taken, prescribed, or what somebody is allergic to.
        var known = subject.Patient.Medications.Concat(subject.Encounter.Plan).Select(one => one.Name).Concat(subject.Patient.Allergies.Select(allergy => allergy.Name)).ToList();
        var everything = string.Join('\n', doctor.Concat(others));
        foreach (var drug in subject.Table.Drugs.Values.Select(drug => drug.Names[subject.Language]).Where(name => !known.Exists(other => Has(other, name))))
        {
            if (Has(everything, drug))
                yield return new Violation("said", $"{drug} is named and is of no record");
        }
    }

    private static string Dose(Subject subject, Prescription one)
    {
        var phrases = Phrases.Of(subject.Language);
        return $"{Wording.Number(one.Dose, subject.Language)} {Wording.Unit(one.Unit, one.Dose, phrases)}";
    }

    private static IEnumerable<Violation> Values(Subject subject, List<string> doctor)
    {
        string Number(string measure) => Wording.Number(subject.Vital(measure) ?? -1, subject.Language);
        var over = subject.Language switch { Language.Spanish => "sobre", Language.Portuguese => "por", _ => "over" };
        if (!doctor.Any(text => Has(text, $"{Number("systolic")} {over} {Number("diastolic")}")))
            yield return new Violation("said", "the blood pressure is not said");
        if (!doctor.Any(text => Has(text, Number("heart-rate")) && Has(text, Number("temperature")) && Has(text, Number("oxygen-saturation"))))
            yield return new Violation("said", "pulse, temperature and oxygen are not said");
        foreach (var lab in subject.Patient.Labs)
        {
            var value = lab.Result is { } result ? Phrases.Of(subject.Language).Word($"result.{result}") : Wording.Number(lab.Value!.Value, subject.Language);
            if (!doctor.Any(text => Has(text, lab.Name) && Has(text, value)))
                yield return new Violation("said", $"{lab.Measure} of {value} is not said");
        }
    }

    private static IEnumerable<Violation> Arrangements(Subject subject, List<string> doctor)
    {
        var phrases = Phrases.Of(subject.Language);
        if (!doctor.Any(text => Has(text, subject.Encounter.Diagnosis)))
            yield return new Violation("said", "the diagnosis is not said");
        var warnings = subject.Encounter.RedFlags.Select(id => History.Bare(subject.Table.Symptoms[id].Name(subject.Language), subject.Language)).ToList();
        if (!doctor.Any(text => warnings.All(warning => Has(text, warning))))
            yield return new Violation("said", "the warnings are not said together");
        if (!doctor.Any(text => Has(text, Wording.When(subject.Encounter.FollowUpDays, phrases))))
            yield return new Violation("said", "the next visit is not said");
        if (subject.Encounter.Refer is { } refer and not "emergency" && !doctor.Any(text => Has(text, phrases.Word($"specialty.{refer}"))))
            yield return new Violation("said", "the referral is not said");
    }

    /// <summary>Either in the patient's own words, or asked by name and answered with something else than no.</summary>
    private static IEnumerable<Violation> Symptoms(Subject subject, List<string> others)
    {
        foreach (var symptom in subject.Encounter.Symptoms.Select(id => subject.Table.Symptoms[id]))
        {
            var says = symptom.Says(subject.Language).Select(way => Fill(subject, way)).Append(symptom.Name(subject.Language)).ToList();
            if (!others.Exists(text => says.Exists(way => Has(text, way))) && !Answers(subject, symptom).Any(answer => !IsNo(answer)))
                yield return new Violation("said", $"{symptom.Id} is felt and not said");
        }
    }

    private static IEnumerable<Violation> Denied(Subject subject)
    {
        foreach (var symptom in subject.Encounter.Denied.Select(id => subject.Table.Symptoms[id]))
        {
            var answers = Answers(subject, symptom).ToList();
            if (answers.Count == 0 || !answers.TrueForAll(IsNo))
                yield return new Violation("denied", $"{symptom.Id} is not asked by name and answered with no");
        }
    }

    /// <summary>What was answered where the doctor asked for a symptom by name.</summary>
    private static IEnumerable<string> Answers(Subject subject, Table.Symptom symptom)
    {
        var bare = History.Bare(symptom.Name(subject.Language), subject.Language);
        var segments = subject.Record.Transcript.Segments;
        for (var i = 0; i + 1 < segments.Count; i++)
        {
            if (segments[i].Speaker == Speakers.Doctor && segments[i].Text.EndsWith('?') && Asks(segments[i].Text, bare))
                yield return segments[i + 1].Text;
        }
    }

    /// <summary>"Any headache?" asks for a headache, "any throbbing headache on one side?" does not.</summary>
    private static bool Asks(string question, string name)
    {
        for (var at = question.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = question.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            // "tos" is no part of "vómitos".
            if (at > 0 && char.IsLetter(question[at - 1]))
                continue;
            var after = question.AsSpan(at + name.Length);
            if (after[0] is '?' or ',' || after.StartsWith(" or ") || after.StartsWith(" o ") || after.StartsWith(" u ") || after.StartsWith(" ou "))
                return true;
        }
        return false;
    }

    private static string Fill(Subject subject, string way) => Template.Fill(
        way, new Agreement(subject.Patient.Sex == "female", subject.Encounter.DoctorSex == "female", subject.Encounter.Companion == "mother", subject.Encounter.IsFormal),
        new Dictionary<string, string>());

    private static bool IsNo(string answer) => No().IsMatch(answer);

    // At the beginning, after a filler at most.
    [GeneratedRegex(@"^(\p{L}+( \p{L}+)?, )?(no|não)\b", RegexOptions.IgnoreCase)]
    private static partial Regex No();
}
