namespace Holi.CoPilot.Notes;

/// <summary>What a note is asked for.</summary>
public sealed record NoteRequest
{
    /// <summary>Whose rules of privacy hold, and whose cache it is. Two tenants never share a note.</summary>
    public required string Tenant { get; init; }

    /// <summary>The form of the note.</summary>
    public NoteKind Kind { get; init; }

    /// <summary>What was said.</summary>
    public required Transcript Transcript { get; init; }

    /// <summary>What was known before.</summary>
    public PatientContext Patient { get; init; } = new();

    /// <summary>True: nothing of this request leaves the building, whatever the tenant's rules allow.</summary>
    public bool LocalOnly { get; init; }

    /// <summary>
    /// True: a model is asked even where the very same request was answered before; the earlier answer is used only when all providers fail. False: it is
    /// used at once.
    /// </summary>
    public bool Fresh { get; init; }
}

/// <summary>The form of a note. In JSON <c>soap</c>, <c>progress</c>, <c>referral</c>, <c>patientSummary</c>.</summary>
public enum NoteKind
{
    /// <summary>Subjective, objective, assessment, plan.</summary>
    Soap,

    /// <summary>What has changed since the last time.</summary>
    Progress,

    /// <summary>A letter to another clinician.</summary>
    Referral,

    /// <summary>What the patient takes home, in plain words.</summary>
    PatientSummary,
}

/// <summary>What the caller is ready to spend. Time is always kept: when it runs out there is a template.</summary>
/// <param name="Time">From the call to the note. More than zero.</param>
/// <param name="OutputTokens">At most, of all calls to models together; null: the configured maximum.</param>
public sealed record NoteBudget(TimeSpan Time, int? OutputTokens = null);
