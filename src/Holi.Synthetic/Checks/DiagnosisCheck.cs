using Holi.Synthetic.Table;

namespace Holi.Synthetic.Checks;

/// <summary>Whether the assessment follows from what is felt, found and measured.</summary>
internal static class DiagnosisCheck
{
    public static IEnumerable<Violation> Of(Subject subject)
    {
        var encounter = subject.Encounter;
        if (encounter.Icd10 != subject.Condition.Icd10 || encounter.Diagnosis != subject.Condition.Names[subject.Language])
            yield return new Violation("diagnosis", $"{encounter.Diagnosis} as {encounter.Icd10}");
        foreach (var evidence in subject.Condition.Because.Where(evidence => !IsThere(subject, evidence)))
            yield return new Violation("diagnosis", $"{subject.Condition.Id} without {evidence.Id} {evidence.Kind}");
        foreach (var other in encounter.Differential.Select(id => subject.Table.Conditions[id]))
        {
            if (other.Id == subject.Condition.Id || other.Because.All(evidence => IsThere(subject, evidence)))
                yield return new Violation("diagnosis", $"{other.Id} is ruled out and proven");
        }
        if (encounter.Differential.Except(subject.Condition.Differential).Any() || encounter.RedFlags.Count < 2)
            yield return new Violation("diagnosis", "differentials or red flags that are not the condition's");
        foreach (var both in encounter.Symptoms.Intersect(encounter.Denied))
            yield return new Violation("symptoms", $"{both} is felt and denied");
        foreach (var unknown in encounter.Symptoms.Except(subject.Condition.Symptoms.Select(symptom => symptom.Id)))
            yield return new Violation("symptoms", $"{unknown} does not belong to {subject.Condition.Id}");
    }

    private static bool IsThere(Subject subject, Evidence evidence) => evidence.Kind switch
    {
        "present" => subject.Encounter.Symptoms.Contains(evidence.Id) || subject.Encounter.Findings.Contains(evidence.Id),
        "above" => subject.Vital(evidence.Id) > evidence.Value,
        "below" => subject.Vital(evidence.Id) < evidence.Value,
        "high" => subject.Lab(evidence.Id)?.Flag == "H",
        "low" => subject.Lab(evidence.Id)?.Flag == "L",
        "normal" => subject.Lab(evidence.Id)?.Flag == "N",
        _ => subject.Lab(evidence.Id)?.Result == evidence.Kind,
    };
}
