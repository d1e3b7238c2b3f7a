namespace Holi.Synthetic.Records;

/// <summary>A person who does not exist, as their record has them. What is written into the column <c>patient_data</c>.</summary>
internal sealed record Patient
{
    public required string Id { get; init; }

    public required string RecordNumber { get; init; }

    public required string GivenName { get; init; }

    public required string FamilyName { get; init; }

    /// <summary><c>female</c> or <c>male</c>.</summary>
    public required string Sex { get; init; }

    public required DateOnly BirthDate { get; init; }

    /// <summary>In years, on the day of the encounter.</summary>
    public required int Age { get; init; }

    /// <summary>Spoken: <c>en</c>, <c>es</c>, <c>pt</c>.</summary>
    public required string Language { get; init; }

    /// <summary>Of a range that nobody is given.</summary>
    public required string Phone { get; init; }

    /// <summary>At a domain that is reserved for examples.</summary>
    public required string Email { get; init; }

    public required Address Address { get; init; }

    public required string Job { get; init; }

    public required decimal WeightKg { get; init; }

    public required int HeightCm { get; init; }

    public required decimal Bmi { get; init; }

    public required bool IsPregnant { get; init; }

    /// <summary><c>never</c>, <c>former</c>, <c>current</c>.</summary>
    public required string Smoking { get; init; }

    /// <summary>Last known filtration rate of the kidneys; null under 18 years.</summary>
    public int? Egfr { get; init; }

    public required IReadOnlyList<Problem> Problems { get; init; }

    public required IReadOnlyList<Prescription> Medications { get; init; }

    public required IReadOnlyList<Allergy> Allergies { get; init; }

    /// <summary>Measured at the encounter.</summary>
    public required IReadOnlyList<Measurement> Vitals { get; init; }

    /// <summary>Results that were there at the encounter.</summary>
    public required IReadOnlyList<Measurement> Labs { get; init; }
}

internal sealed record Address(string Line, string City, string State, string PostalCode, string Country);

/// <summary>A condition that the patient had before.</summary>
/// <param name="Condition">Its name in the table.</param>
internal sealed record Problem(string Condition, string Icd10, string Name, int Since);

/// <summary>What the patient must not get.</summary>
/// <param name="Allergen">Its name in the table.</param>
/// <param name="Reaction">Its name in the table.</param>
internal sealed record Allergy(string Allergen, string Name, string Reaction, string ReactionName, bool IsSevere);

/// <summary>Something measured.</summary>
/// <param name="Measure">Its name in the table.</param>
/// <param name="Value">Null where the result is positive or negative.</param>
/// <param name="Result"><c>positive</c> or <c>negative</c>; null where there is a number.</param>
/// <param name="Flag"><c>H</c>, <c>L</c>, <c>N</c>, or <c>A</c> for a positive result.</param>
internal sealed record Measurement(
    string Measure, string Loinc, string Name, decimal? Value, string Unit, decimal? Low, decimal? High, string Flag, string? Result = null);

/// <summary>A drug and how it is taken.</summary>
/// <param name="Drug">Its name in the table.</param>
/// <param name="Dose">Of one dose, in <paramref name="Unit"/>.</param>
/// <param name="FrequencyKind"><c>once</c>, <c>every</c>, <c>daily</c>, <c>night</c>, <c>weekly</c>.</param>
/// <param name="FrequencyCount">Hours of <c>every</c>, times of <c>daily</c>.</param>
/// <param name="Days">Null: once, or long term.</param>
/// <param name="Frequency">In words.</param>
internal sealed record Prescription(
    string Drug, string Atc, string Name, decimal Dose, string Unit, string Route, string FrequencyKind, int FrequencyCount, bool IsAsNeeded, int? Days,
    bool IsLongTerm, string Frequency)
{
    /// <summary>At most so many doses in a day.</summary>
    public int DosesPerDay => FrequencyKind switch
    {
        "every" => 24 / FrequencyCount,
        "daily" => FrequencyCount,
        _ => 1,
    };
}
