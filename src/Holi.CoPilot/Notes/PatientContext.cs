namespace Holi.CoPilot.Notes;

/// <summary>What is known of the patient before the consultation. Everything may be left out.</summary>
public sealed record PatientContext
{
    /// <summary>In years.</summary>
    public int? Age { get; init; }

    /// <summary>As the record has it: <c>female</c>, <c>male</c>, <c>other</c>, <c>unknown</c>.</summary>
    public string? Sex { get; init; }

    /// <summary>Known conditions, in words.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What the patient takes.</summary>
    public IReadOnlyList<PatientMedication> Medications { get; init; } = [];

    /// <summary>What the patient must not be given: substances or classes, such as <c>penicillin</c>.</summary>
    public IReadOnlyList<string> Allergies { get; init; } = [];

    /// <summary>Measured today or last.</summary>
    public IReadOnlyList<VitalSign> Vitals { get; init; } = [];

    /// <summary>Laboratory results.</summary>
    public IReadOnlyList<LabResult> Labs { get; init; } = [];

    /// <summary>What tells who the patient is. Never part of a prompt: it is what is taken out of one.</summary>
    public PatientIdentifiers Identifiers { get; init; } = new();
}

/// <summary>A medication in the record.</summary>
/// <param name="Name">Generic name, or what the record says.</param>
/// <param name="Dose">One dose, in <paramref name="Unit"/>.</param>
/// <param name="Unit">Such as <c>mg</c>.</param>
/// <param name="Frequency">In words, such as <c>twice a day</c>.</param>
public sealed record PatientMedication(string Name, decimal? Dose = null, string? Unit = null, string? Frequency = null);

/// <summary>A vital sign. Blood pressure is two of them.</summary>
/// <param name="Name">Such as <c>systolic blood pressure</c>.</param>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Unit">UCUM where there is one, such as <c>mm[Hg]</c>.</param>
public sealed record VitalSign(string Name, decimal Value, string Unit);

/// <summary>A laboratory result.</summary>
/// <param name="Loinc">Its LOINC code, such as <c>2823-3</c>.</param>
/// <param name="Name">Such as <c>Potassium</c>.</param>
/// <param name="Value">In <paramref name="Unit"/>.</param>
/// <param name="Unit">UCUM, such as <c>mmol/L</c>.</param>
/// <param name="Low">Lower end of the reference range, where it has one.</param>
/// <param name="High">Upper end of the reference range, where it has one.</param>
public sealed record LabResult(string Loinc, string Name, decimal Value, string Unit, decimal? Low = null, decimal? High = null);

/// <summary>What tells who the patient is: replaced by tokens before anything leaves for a provider that the tenant does not trust with it.</summary>
public sealed record PatientIdentifiers
{
    /// <summary>Full names, of the patient and of relatives that are known; their parts are taken out, too.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Numbers of the record, the insurance, the nation.</summary>
    public IReadOnlyList<string> RecordNumbers { get; init; } = [];

    /// <summary>However they are written: only the digits count.</summary>
    public IReadOnlyList<string> Phones { get; init; } = [];

    /// <summary>Street, town and whatever else is in an address, on one line or several.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Mail addresses.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>The patient's, in whichever of the usual forms it is said.</summary>
    public DateOnly? BirthDate { get; init; }
}
