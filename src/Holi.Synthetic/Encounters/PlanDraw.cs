using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Randomness;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Encounters;

/// <summary>Draws what is prescribed: from each line the first drug that this person may have, or one as good.</summary>
internal static class PlanDraw
{
    /// <summary>What was chosen, the allergen that made it something else than usual, and whether the first line found a drug.</summary>
    internal sealed record Plan(IReadOnlyList<Prescription> Prescriptions, string? AvoidedAllergen, bool IsFirstFilled);

    public static Plan Of(ClinicalTable table, Draw draw, Condition condition, Recipient recipient, Language language)
    {
        var plan = new List<Prescription>();
        string? avoided = null;
        foreach (var lines in condition.Treat)
        {
            var now = recipient with { Taken = [.. recipient.Taken, .. plan.Select(one => one.Atc)] };
            var suitable = lines.Where(line => Suitability.Of(table, now, line) == Objection.None).ToList();
            if (suitable.Count == 0)
                continue;
            // Of those that are as good as the first that suits, either may be taken.
            var line = draw.Pick(suitable.FindAll(one => one.Rank == suitable[0].Rank));
            avoided ??= lines.TakeWhile(one => one != line).Where(one => Suitability.Of(table, now, one) == Objection.Allergy)
                .Select(one => recipient.Allergies.First(allergy => Suitability.Forbids(table, allergy, table.Drugs[one.Drug])).Allergen).FirstOrDefault();
            plan.Add(Prescribe(table, draw, line, recipient.WeightKg, language));
        }
        return new Plan(plan, avoided, condition.Treat.Count == 0 || condition.Treat[0].Any(line => plan.Any(one => one.Drug == line.Drug)));
    }

    /// <summary>What somebody takes at home for a condition they have had for long; null where nothing of it suits them.</summary>
    public static Prescription? Home(ClinicalTable table, Draw draw, Condition condition, Recipient recipient, Language language)
    {
        var suitable = condition.Home.Where(line => Suitability.Of(table, recipient, line) == Objection.None).ToList();
        return suitable.Count == 0 ? null : Prescribe(table, draw, draw.Pick(suitable), recipient.WeightKg, language);
    }

    private static Prescription Prescribe(ClinicalTable table, Draw draw, TreatmentLine line, decimal weightKg, Language language)
    {
        var drug = table.Drugs[line.Drug];
        var dose = draw.Chance(0.5m) ? line.Dose.Low : line.Dose.High;
        if (line.IsPerKilogram)
            dose = ForWeight(drug, line, dose, weightKg);
        var days = line.Days is { } span ? (int?)(draw.Chance(0.5m) ? span.Low : span.High) : null;
        return new Prescription(
            drug.Id, drug.Atc, drug.Names[language], dose, line.Unit, line.Route, line.Frequency.Kind, line.Frequency.Count, line.Frequency.IsAsNeeded, days,
            line.IsLongTerm, Wording.Often(line.Frequency, Phrases.Of(language)));
    }

    /// <summary>Rounded to what can be measured, never beyond what an adult gets, nor beyond the most a kilogram may have in a day.</summary>
    private static decimal ForWeight(Drug drug, TreatmentLine line, decimal perKilogram, decimal weightKg)
    {
        var step = (perKilogram * weightKg) switch { < 10 => 0.5m, < 50 => 2.5m, < 200 => 10m, _ => 25m };
        var most = Math.Min(drug.Adult.Dose.High, Math.Min(drug.Child!.Dose.High, drug.Child.DayMax / line.Frequency.DosesPerDay) * weightKg);
        most = Math.Min(most, line.Most ?? most);
        return Math.Max(step, Math.Floor(Math.Min(perKilogram * weightKg, most) / step) * step);
    }
}
