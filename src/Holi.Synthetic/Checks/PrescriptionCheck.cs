using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Checks;

/// <summary>Whether this patient may have these drugs in these doses.</summary>
internal static class PrescriptionCheck
{
    private const int ChildUntil = 12;

    public static IEnumerable<Violation> Of(Subject subject)
    {
        var all = subject.Patient.Medications.Concat(subject.Encounter.Plan).ToList();
        foreach (var one in all)
        {
            if (!subject.Table.Drugs.TryGetValue(one.Drug, out var drug) || drug.Atc != one.Atc || drug.Names[subject.Language] != one.Name)
            {
                yield return new Violation("dose", $"{one.Drug} is not in the table as {one.Atc}");
                continue;
            }
            foreach (var violation in Allergies(subject, drug).Concat(Doses(subject, one, drug)).Concat(Contraindications(subject, drug)))
                yield return violation;
        }
        for (var i = 0; i < all.Count; i++)
        {
            for (var j = 0; j < all.Count; j++)
            {
                if (i != j && (all[i].Atc == all[j].Atc || Avoids(subject, all[i], "with", text => all[j].Atc.StartsWith(text, StringComparison.Ordinal))))
                    yield return new Violation("interaction", $"{all[i].Drug} beside {all[j].Drug}");
            }
        }
    }

    private static IEnumerable<Violation> Allergies(Subject subject, Drug drug)
    {
        foreach (var allergy in subject.Patient.Allergies)
        {
            var allergen = subject.Table.Allergens[allergy.Allergen];
            var forbidden = allergy.IsSevere ? allergen.Forbids.Concat(allergen.Severe) : allergen.Forbids;
            if (forbidden.Any(prefix => drug.Atc.StartsWith(prefix, StringComparison.Ordinal)))
                yield return new Violation("allergy", $"{drug.Id} with an allergy to {allergy.Allergen}");
        }
    }

    private static IEnumerable<Violation> Doses(Subject subject, Prescription one, Drug drug)
    {
        if (subject.Patient.Age >= ChildUntil || drug.Child is null)
        {
            if (subject.Patient.Age < ChildUntil && drug is { IsTopical: false, IsInhaled: false })
                yield return new Violation("dose", $"{drug.Id} under {ChildUntil} years");
            if (one.Unit != drug.Adult.Unit || !drug.Adult.Dose.Holds(one.Dose) || one.Dose * one.DosesPerDay > drug.Adult.DayMax)
                yield return new Violation("dose", $"{one.Dose} {one.Unit} of {drug.Id}, {one.Frequency}");
        }
        else if (!IsForWeight(one, drug, drug.Child, subject.Patient.WeightKg))
        {
            yield return new Violation("dose", $"{one.Dose} {one.Unit} of {drug.Id}, {one.Frequency}, at {subject.Patient.WeightKg} kg");
        }
    }

    private static bool IsForWeight(Prescription one, Drug drug, DoseRange child, decimal weightKg)
    {
        // A dose is rounded down to what can be measured, which may leave the range by one step of the syringe at its lower end; and an adult's dose is enough for a
        // heavy child.
        var least = Math.Min(child.Dose.Low * weightKg, drug.Adult.Dose.Low) * 0.85m - 0.5m;
        var most = Math.Min(child.Dose.High * weightKg, drug.Adult.Dose.High);
        return one.Unit == child.Unit && one.Dose >= least && one.Dose <= most
            && one.Dose * one.DosesPerDay <= Math.Min(child.DayMax * weightKg, drug.Adult.DayMax);
    }

    private static IEnumerable<Violation> Contraindications(Subject subject, Drug drug)
    {
        var patient = subject.Patient;
        var egfr = subject.Lab("egfr")?.Value ?? patient.Egfr;
        foreach (var avoid in drug.Avoid)
        {
            var isBroken = avoid.Kind switch
            {
                "pregnancy" => patient.IsPregnant,
                "egfr below" => egfr < avoid.Number,
                "age below" => patient.Age < avoid.Number,
                "age above" => patient.Age > avoid.Number,
                "problem" => avoid.Text == subject.Condition.Id || patient.Problems.Any(problem => problem.Condition == avoid.Text),
                _ => false,
            };
            if (isBroken)
                yield return new Violation("contraindication", $"{drug.Id}: {avoid.Kind} {avoid.Number:0.##} {avoid.Text}".TrimEnd());
        }
    }

    private static bool Avoids(Subject subject, Prescription one, string kind, Func<string, bool> isConcerned) =>
        subject.Table.Drugs.TryGetValue(one.Drug, out var drug) && drug.Avoid.Any(avoid => avoid.Kind == kind && isConcerned(avoid.Text));
}
