using System.Globalization;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Randomness;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Encounters;

/// <summary>Draws the person to whom a condition happens.</summary>
internal static class PatientDraw
{
    /// <summary>At most so many conditions beside the one they come for: more would make every dialogue a list.</summary>
    private const int ProblemsMax = 3;

    private const int AllergiesMax = 2;

    // Median weights and heights of children from 2 to 17 years, rounded from the growth charts of WHO and CDC.
    private static readonly decimal[] ChildWeights = [12.5m, 14.5m, 16.5m, 18.5m, 20.5m, 23m, 26m, 29m, 32.5m, 36.5m, 41m, 46m, 51m, 55m, 58m, 61m];
    private static readonly int[] ChildHeights = [87, 95, 102, 109, 115, 121, 127, 132, 138, 144, 150, 156, 162, 166, 168, 170];

    public static Patient Of(ClinicalTable table, Draw draw, Condition condition, Language language, string id, DateOnly today, int attempt)
    {
        var self = draw.Branch("self");
        var sex = condition.Sex ?? (self.Chance(0.53m) ? Sex.Female : Sex.Male);
        var age = self.Between((int)condition.Age.Low, (int)condition.Age.High);
        var isPregnant = sex == Sex.Female && (condition.IsPregnant ?? (age is >= 19 and <= 40 && self.Chance(0.04m)));
        var identity = Identity.Of(draw.Branch("identity"), language, sex);
        var (weight, height) = Body(self, condition, sex, age);
        var history = draw.Branch(string.Create(CultureInfo.InvariantCulture, $"history {attempt}"));
        var problems = Problems(table, history, condition, language, sex, age, isPregnant, today.Year);
        var egfr = Egfr(history, condition, problems.Any(problem => problem.Condition == "chronic-kidney-disease"), age);
        var creatinine = egfr is { } rate ? Kidneys.CreatinineFor(rate, age, sex == Sex.Female) : (decimal?)null;
        var allergies = Allergies(table, history, language);
        return new Patient
        {
            Id = id,
            RecordNumber = identity.RecordNumber,
            GivenName = identity.GivenName,
            FamilyName = identity.FamilyName,
            Sex = sex == Sex.Female ? "female" : "male",
            BirthDate = BirthDate(self, today, age),
            Age = age,
            Language = language.Code(),
            Phone = identity.Phone,
            Email = identity.Email,
            Address = identity.Address,
            Job = Job(self, language, sex, age),
            WeightKg = weight,
            HeightCm = height,
            Bmi = BmiOf(weight, height),
            IsPregnant = isPregnant,
            Smoking = age < 18 ? "never" : condition.IsSmokers ? self.Pick(["former", "current"]) : self.Pick(["never", "never", "never", "former", "current"]),
            Egfr = creatinine is { } known ? Kidneys.FiltrationRate(known, age, sex == Sex.Female) : null,
            Problems = problems,
            Medications = [],
            Allergies = allergies,
            Vitals = [],
            Labs = creatinine is { } value ? Creatinine(table, value, age, sex, language) : [],
        };
    }

    public static decimal BmiOf(decimal weightKg, int heightCm) => Math.Round(weightKg * 10_000 / (heightCm * heightCm), 1, MidpointRounding.ToEven);

    /// <summary>Creatinine and the rate that follows from it: everybody of age has them, whether or not anybody looks.</summary>
    private static IReadOnlyList<Measurement> Creatinine(ClinicalTable table, decimal creatinine, int age, Sex sex, Language language) =>
    [
        LabsDraw.Numeric(table.Labs["creatinine"], creatinine, sex, language),
        LabsDraw.Numeric(table.Labs["egfr"], Kidneys.FiltrationRate(creatinine, age, sex == Sex.Female), sex, language),
    ];

    private static (decimal Weight, int Height) Body(Draw draw, Condition condition, Sex sex, int age)
    {
        if (age < 18)
        {
            var height = ChildHeights[age - 2] + draw.Between(-4, 4) - (sex == Sex.Female && age > 13 ? 6 : 0);
            return (Math.Round(ChildWeights[age - 2] * draw.Around(0.9m, 1.12m, 2) - (sex == Sex.Female && age > 13 ? 4 : 0), 1), height);
        }
        var tall = sex == Sex.Female ? draw.Between(150, 175) : draw.Between(162, 188);
        var bmi = condition.Bmi is { } span ? draw.Around(span.Low, span.High, 1) : draw.Around(19m, 33m, 1);
        return (Math.Round(bmi * tall * tall / 10_000, 1, MidpointRounding.ToEven), tall);
    }

    private static DateOnly BirthDate(Draw draw, DateOnly today, int age)
    {
        var born = today.AddYears(-age).AddDays(-draw.Between(0, 360));
        return born.AddYears(age + 1) <= today ? today.AddYears(-age) : born;
    }

    private static string Job(Draw draw, Language language, Sex sex, int age)
    {
        var phrases = Phrases.Of(language);
        var part = age >= 67 ? "job.retired" : age < 20 ? "job.student" : "job";
        return Template.Fill(draw.Pick(phrases[part]), new Agreement(sex == Sex.Female, false, false, true), new Dictionary<string, string>());
    }

    private static List<Problem> Problems(
        ClinicalTable table, Draw draw, Condition condition, Language language, Sex sex, int age, bool isPregnant, int year)
    {
        var problems = new List<Problem>();
        foreach (var other in table.Conditions.Values)
        {
            if (problems.Count == ProblemsMax || other.ChronicShare == 0)
                continue;
            var isDrawn = draw.Chance(other.ChronicShare / 100m);
            var since = year - draw.Between(1, Math.Max(1, Math.Min(15, age - 5)));
            if (isDrawn && MayHave(condition, other, sex, age, isPregnant))
                problems.Add(new Problem(other.Id, other.ProblemIcd10, other.ProblemNames[language], since));
        }
        return problems;
    }

    /// <summary>Whether the one leaves the other believable: nothing that was thought of and ruled out, nothing that its normal tests exclude.</summary>
    private static bool MayHave(Condition condition, Condition other, Sex sex, int age, bool isPregnant) =>
        other.Id != condition.Id
        && other.Age.Holds(age)
        && (other.Sex is null || other.Sex == sex)
        && !(isPregnant && other.Id is not ("asthma" or "hypothyroidism" or "migraine" or "allergic-rhinitis"))
        && !condition.Differential.Contains(other.Id)
        && !other.Differential.Contains(condition.Id)
        && !(other.Kidneys is not null && condition.Tests.Any(test => test.Measure == "creatinine"))
        && !(other.Id == "type-2-diabetes" && condition.Tests.Any(test => test.Measure is "glucose" or "hba1c"))
        && !(other.Id == "gout" && condition.Tests.Any(test => test.Measure == "uric-acid"))
        && !condition.Denied.Any(denied => other.Because.Any(evidence => evidence.Kind == "present" && evidence.Id == denied && other.Home.Count == 0));

    private static int? Egfr(Draw draw, Condition condition, bool hasKidneyDisease, int age)
    {
        var healthy = draw.Between(Math.Max(62, 112 - age / 2), Math.Max(75, 124 - age * 6 / 10));
        var low = draw.Between(33, 55);
        return age < 18 ? null
            : condition.Kidneys is { } span ? draw.Between((int)span.Low, (int)span.High)
            : hasKidneyDisease ? low
            : healthy;
    }

    private static List<Allergy> Allergies(ClinicalTable table, Draw draw, Language language)
    {
        var allergies = new List<Allergy>();
        foreach (var allergen in table.Allergens.Values)
        {
            var isDrawn = draw.Chance(allergen.Share / 1000m);
            var reaction = draw.PickBy([.. table.Reactions.Values], one => one.Share);
            if (isDrawn && allergies.Count < AllergiesMax)
                allergies.Add(new Allergy(allergen.Id, allergen.Names[language], reaction.Id, reaction.Names[language], reaction.IsSevere));
        }
        return allergies;
    }
}
