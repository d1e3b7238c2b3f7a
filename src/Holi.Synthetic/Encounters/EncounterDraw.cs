using Holi.Synthetic.Randomness;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Encounters;

/// <summary>Draws the clinical state of one record: a person and what happens to them.</summary>
internal static class EncounterDraw
{
    /// <summary>Histories that leave no treatment are drawn anew, so often; then the plan may have none.</summary>
    private const int HistoriesMax = 25;

    // Consultations of one working year. A record's date is drawn like everything else: the same seed, the same date, whenever it is run.
    private static readonly DateOnly FirstDay = new(2025, 1, 2);

    public static (Patient Patient, Encounter Encounter) Of(ClinicalTable table, Draw draw, Language language, string id)
    {
        var first = draw.Branch("encounter");
        var condition = first.PickBy([.. table.Conditions.Values], one => one.Share);
        var at = Time(first);
        var today = DateOnly.FromDateTime(at.DateTime);
        for (var attempt = 0; ; attempt++)
        {
            var patient = WithHome(table, draw, PatientDraw.Of(table, draw, condition, language, id, today, attempt), condition, language);
            var recipient = RecipientOf(patient, condition.Id);
            var plan = PlanDraw.Of(table, draw.Branch("plan"), condition, recipient, language);
            if (plan.IsFirstFilled || attempt == HistoriesMax)
                return Complete(table, draw, condition, patient, plan, language, at);
        }
    }

    private static (Patient Patient, Encounter Encounter) Complete(
        ClinicalTable table, Draw draw, Condition condition, Patient patient, PlanDraw.Plan plan, Language language, DateTimeOffset at)
    {
        var course = draw.Branch("course");
        var symptoms = condition.Symptoms.Where(symptom => course.Chance(symptom.Chance)).Select(symptom => symptom.Id).ToList();
        var vitals = VitalsDraw.Of(table, course, condition, patient, symptoms, language);
        var findings = condition.Findings
            .Where(finding => course.Chance(finding.Chance) && Shows(table.Findings[finding.Id], vitals)).Select(finding => finding.Id).ToList();
        var labs = LabsDraw.Of(table, course, condition, patient, language);
        var people = draw.Branch("people");
        var isChild = patient.Age < Suitability.AdultDoseAge;
        var isCompanioned = people.Chance(patient.Age >= 72 ? 0.35m : 0.03m);
        return (
            patient with { Vitals = vitals, Labs = labs },
            new Encounter
            {
                At = at,
                Condition = condition.Id,
                Icd10 = condition.Icd10,
                Diagnosis = condition.Names[language],
                DoctorFamilyName = Identity.FamilyNameOf(people, language),
                DoctorSex = people.Chance(0.55m) ? "female" : "male",
                Companion = isChild ? people.Pick(["mother", "mother", "father"]) : isCompanioned ? "relative" : null,
                IsFormal = people.Chance(patient.Age < 26 ? 0.25m : 0.75m) || isChild,
                OnsetDays = people.Between((int)condition.Onset.Low, (int)condition.Onset.High),
                Symptoms = symptoms,
                Denied = Denied(course, condition, symptoms),
                Regions = condition.Examine,
                Findings = findings,
                Plan = plan.Prescriptions,
                AvoidedAllergen = plan.AvoidedAllergen,
                Advice = [.. condition.Advice.Where(advice => Fits(table.Advice[advice], plan.Prescriptions) && !(advice == "no-smoking" && patient.Smoking == "never"))],
                RedFlags = condition.RedFlags,
                Differential = [.. people.Shuffle(condition.Differential).Take(2)],
                Refer = condition.Refer,
                FollowUpDays = FollowUp(people, condition),
            });
    }

    private static Patient WithHome(ClinicalTable table, Draw draw, Patient patient, Condition condition, Language language)
    {
        var home = draw.Branch("home");
        var medications = new List<Prescription>();
        foreach (var problem in patient.Problems)
        {
            var recipient = RecipientOf(patient with { Medications = medications }, condition.Id);
            if (PlanDraw.Home(table, home, table.Conditions[problem.Condition], recipient, language) is { } taken)
                medications.Add(taken);
        }
        return patient with { Medications = medications };
    }

    private static Recipient RecipientOf(Patient patient, string condition) => new(
        patient.Age, patient.WeightKg, patient.IsPregnant, patient.Egfr,
        [.. patient.Problems.Select(problem => problem.Condition), condition], patient.Allergies, [.. patient.Medications.Select(taken => taken.Atc)]);

    private static bool Shows(Finding finding, IReadOnlyList<Measurement> vitals) =>
        finding.Needs is not { } bound || bound.Holds(vitals.First(vital => vital.Measure == bound.Measure).Value!.Value);

    private static bool Fits(Advice advice, IReadOnlyList<Prescription> plan) =>
        advice.Needs.Count == 0 || plan.Any(one => Suitability.StartsWithAny(one.Atc, advice.Needs));

    /// <summary>What the condition's line says, and some of the red flags that are not there.</summary>
    private static List<string> Denied(Draw draw, Condition condition, List<string> symptoms)
    {
        var denied = condition.Denied.ToList();
        foreach (var flag in condition.RedFlags)
        {
            if (draw.Chance(0.5m) && !denied.Contains(flag) && condition.Symptoms.All(symptom => symptom.Id != flag))
                denied.Add(flag);
        }
        return [.. denied.Where(symptom => !symptoms.Contains(symptom))];
    }

    /// <summary>From two weeks on in whole weeks, as appointments are given.</summary>
    private static int FollowUp(Draw draw, Condition condition)
    {
        var days = draw.Between((int)condition.FollowUp.Low, (int)condition.FollowUp.High);
        return days < 14 ? days : days / 7 * 7;
    }

    private static DateTimeOffset Time(Draw draw)
    {
        var day = FirstDay.AddDays(draw.Below(362));
        if (day.DayOfWeek == DayOfWeek.Sunday)
            day = day.AddDays(1);
        return new DateTimeOffset(day.ToDateTime(new TimeOnly(8, 0)).AddMinutes(5 * draw.Below(116)), TimeSpan.Zero);
    }
}
