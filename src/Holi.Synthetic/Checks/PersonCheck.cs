namespace Holi.Synthetic.Checks;

/// <summary>Whether such a person can have such a condition.</summary>
internal static class PersonCheck
{
    public static IEnumerable<Violation> Of(Subject subject)
    {
        var patient = subject.Patient;
        var today = DateOnly.FromDateTime(subject.Encounter.At.DateTime);
        if (patient.BirthDate.AddYears(patient.Age) > today || patient.BirthDate.AddYears(patient.Age + 1) <= today)
            yield return new Violation("person", $"{patient.Age} years, born {patient.BirthDate:yyyy-MM-dd}");
        if (!subject.Condition.Age.Holds(patient.Age))
            yield return new Violation("person", $"{subject.Condition.Id} at {patient.Age} years");
        if (subject.Condition.Sex is { } sex && (sex == Table.Sex.Female) != (patient.Sex == "female"))
            yield return new Violation("person", $"{subject.Condition.Id} in a {patient.Sex} patient");
        if (patient.IsPregnant && (patient.Sex != "female" || patient.Age is < 12 or > 55))
            yield return new Violation("person", $"pregnant: {patient.Sex}, {patient.Age} years");
        if (subject.Condition.IsPregnant is { } mustBe && mustBe != patient.IsPregnant)
            yield return new Violation("person", $"{subject.Condition.Id} and pregnant: {patient.IsPregnant}");
        if (subject.Condition.IsSmokers && patient.Smoking == "never" || patient.Age < 18 && patient.Smoking != "never")
            yield return new Violation("person", $"smoking: {patient.Smoking}");
        var bmi = patient.WeightKg / (patient.HeightCm / 100m * (patient.HeightCm / 100m));
        if (Math.Abs(bmi - patient.Bmi) > 0.06m || patient.Bmi is < 12 or > 55)
            yield return new Violation("person", $"{patient.WeightKg} kg and {patient.HeightCm} cm give no body mass index of {patient.Bmi}");
        foreach (var problem in patient.Problems)
        {
            var known = subject.Table.Conditions[problem.Condition];
            var isOtherSex = known.Sex is { } whose && (whose == Table.Sex.Female) != (patient.Sex == "female");
            var isOtherTime = problem.Since > today.Year || problem.Since < patient.BirthDate.Year;
            if (isOtherSex || isOtherTime || !known.Age.Holds(patient.Age) || problem.Condition == subject.Condition.Id)
                yield return new Violation("person", $"{problem.Condition} since {problem.Since} in a {patient.Sex} patient of {patient.Age} years");
        }
        // Nothing in a record may reach a real person.
        if (!patient.Email.EndsWith("@example.org", StringComparison.Ordinal) || !IsReserved(patient.Phone))
            yield return new Violation("person", "mail or telephone of a range that may be somebody's");
    }

    private static bool IsReserved(string phone) =>
        phone.StartsWith("+1 ", StringComparison.Ordinal) && phone.Contains("-555-01", StringComparison.Ordinal)
        || phone.StartsWith("+52 55 0", StringComparison.Ordinal)
        || phone.StartsWith("+55 11 90000-", StringComparison.Ordinal);
}
