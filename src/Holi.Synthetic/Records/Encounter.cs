namespace Holi.Synthetic.Records;

/// <summary>
/// The clinical state from which everything else of a record is told: the dialogue says it, the reference note writes it down, the checks compare both with
/// it. Names are those of the table. What is written into the column <c>metadata</c>.
/// </summary>
internal sealed record Encounter
{
    public required DateTimeOffset At { get; init; }

    public required string Condition { get; init; }

    public required string Icd10 { get; init; }

    /// <summary>In the language of the encounter.</summary>
    public required string Diagnosis { get; init; }

    public required string DoctorFamilyName { get; init; }

    /// <summary><c>female</c> or <c>male</c>.</summary>
    public required string DoctorSex { get; init; }

    /// <summary><c>mother</c>, <c>father</c> or <c>relative</c>; null: the patient came alone.</summary>
    public string? Companion { get; init; }

    /// <summary>How doctor and patient address each other.</summary>
    public required bool IsFormal { get; init; }

    public required int OnsetDays { get; init; }

    /// <summary>The first ones are what the patient came for.</summary>
    public required IReadOnlyList<string> Symptoms { get; init; }

    public required IReadOnlyList<string> Denied { get; init; }

    public required IReadOnlyList<string> Regions { get; init; }

    /// <summary>Abnormal ones.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    public required IReadOnlyList<Prescription> Plan { get; init; }

    /// <summary>The allergen because of which something else was chosen than usual; null: none.</summary>
    public string? AvoidedAllergen { get; init; }

    public required IReadOnlyList<string> Advice { get; init; }

    public required IReadOnlyList<string> RedFlags { get; init; }

    /// <summary>The two that the doctor names.</summary>
    public required IReadOnlyList<string> Differential { get; init; }

    public string? Refer { get; init; }

    public required int FollowUpDays { get; init; }
}
