using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Encounters;

/// <summary>What decides whether somebody may get a drug.</summary>
internal sealed record Recipient(
    int Age, decimal WeightKg, bool IsPregnant, int? Egfr, IReadOnlyCollection<string> Problems, IReadOnlyList<Allergy> Allergies, IReadOnlyList<string> Taken);

/// <summary>Why a drug is not for somebody.</summary>
internal enum Objection
{
    None,
    Allergy,
    Other,
}

/// <summary>Chooses among a condition's lines of treatment. The checks decide the same anew, from the finished record and without this code.</summary>
internal static class Suitability
{
    /// <summary>Under this age a dose goes by weight.</summary>
    public const int AdultDoseAge = 12;

    public static Objection Of(ClinicalTable table, Recipient recipient, TreatmentLine line)
    {
        var drug = table.Drugs[line.Drug];
        if (recipient.Allergies.Any(allergy => Forbids(table, allergy, drug)))
            return Objection.Allergy;
        if (recipient.Age < AdultDoseAge ? !IsForChildren(drug, line) : line.IsPerKilogram)
            return Objection.Other;
        if (drug.Avoid.Any(avoid => Concerns(avoid, recipient)))
            return Objection.Other;
        return recipient.Taken.Any(atc => Clash(table, atc, drug)) ? Objection.Other : Objection.None;
    }

    public static bool Forbids(ClinicalTable table, Allergy allergy, Drug drug)
    {
        var allergen = table.Allergens[allergy.Allergen];
        return StartsWithAny(drug.Atc, allergen.Forbids) || allergy.IsSevere && StartsWithAny(drug.Atc, allergen.Severe);
    }

    public static bool StartsWithAny(string atc, IReadOnlyList<string> prefixes) => prefixes.Any(prefix => atc.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsForChildren(Drug drug, TreatmentLine line) => line.IsPerKilogram || drug.IsTopical || drug.IsInhaled;

    private static bool Concerns(Avoidance avoid, Recipient recipient) => avoid.Kind switch
    {
        "pregnancy" => recipient.IsPregnant,
        "egfr below" => recipient.Egfr < avoid.Number,
        "age below" => recipient.Age < avoid.Number,
        "age above" => recipient.Age > avoid.Number,
        "problem" => recipient.Problems.Contains(avoid.Text),
        _ => false,
    };

    /// <summary>Whether it is taken already, or one of the two says that it must not go with the other.</summary>
    private static bool Clash(ClinicalTable table, string taken, Drug drug) =>
        taken == drug.Atc || Avoids(drug, taken) || table.Drugs.Values.Any(other => other.Atc == taken && Avoids(other, drug.Atc));

    private static bool Avoids(Drug drug, string atc) =>
        drug.Avoid.Any(avoid => avoid.Kind == "with" && atc.StartsWith(avoid.Text, StringComparison.Ordinal));
}
