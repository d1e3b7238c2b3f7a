namespace Holi.CoPilot.Notes;

/// <summary>The sections of each kind of note: their keys, their titles, and what belongs into them.</summary>
public static class NoteForms
{
    /// <summary>Languages that a note can have.</summary>
    public static IReadOnlyList<string> Languages { get; } = ["en", "es", "pt"];

    private static readonly NoteFormSection[] Soap =
    [
        new("subjective", "Subjective", "Subjetivo", "Subjetivo",
            "What the patient or companion reports: symptoms, onset, course, what makes them better or worse, what is denied, history, medicines taken."),
        new("objective", "Objective", "Objetivo", "Objetivo",
            "What was measured or found in this consultation, and results that were read out. Nothing that was only reported."),
        new("assessment", "Assessment", "Evaluación", "Avaliação",
            "What the clinician concludes or considers, and why, as far as it was said."),
        new("plan", "Plan", "Plan", "Plano",
            "What was agreed: medicines with dose and frequency, tests, advice, referrals, when to come back, when to seek help at once."),
    ];

    private static readonly NoteFormSection[] Progress =
    [
        new("interval", "Since the last visit", "Desde la última visita", "Desde a última consulta",
            "What has changed since the last time: symptoms, how treatment was taken and tolerated, events, what is denied."),
        new("findings", "Findings", "Hallazgos", "Achados", "What was measured, found or read out in this consultation."),
        new("response", "Assessment and response", "Evaluación y respuesta", "Avaliação e resposta",
            "How the known problems stand, and how they responded to treatment, as the clinician said."),
        new("plan", "Plan", "Plan", "Plano", "What goes on, what changes, tests, and when to come back."),
    ];

    private static readonly NoteFormSection[] Referral =
    [
        new("reason", "Reason for referral", "Motivo de derivación", "Motivo do encaminhamento",
            "The question to the colleague, and how urgent it is, if that was said."),
        new("history", "History", "Antecedentes", "História", "The present illness and what of the past matters for it, with what is denied."),
        new("findings", "Findings", "Hallazgos", "Achados", "What was measured, found or read out."),
        new("treatment", "Treatment so far", "Tratamiento hasta ahora", "Tratamento até agora", "What was tried, with doses, and how it went; allergies that were mentioned."),
        new("request", "Request", "Solicitud", "Solicitação", "What the colleague is asked to do."),
    ];

    private static readonly NoteFormSection[] PatientSummary =
    [
        new("reason", "Why you came", "Por qué vino", "Por que você veio", "The reason for the visit, in the patient's own plain words."),
        new("findings", "What we found", "Qué encontramos", "O que encontramos", "What was found and what it means, without technical terms."),
        new("actions", "What to do now", "Qué hacer ahora", "O que fazer agora", "Medicines with dose and how to take them, and advice, one thing in each sentence."),
        new("warnings", "When to get help at once", "Cuándo pedir ayuda de inmediato", "Quando procurar ajuda imediatamente",
            "Only the warning signs that the clinician named."),
        new("next", "What comes next", "Próximos pasos", "Próximos passos", "Tests, appointments, and when."),
    ];

    /// <summary>The sections of <paramref name="kind"/>, in order.</summary>
    public static IReadOnlyList<NoteFormSection> Of(NoteKind kind) => kind switch
    {
        NoteKind.Soap => Soap,
        NoteKind.Progress => Progress,
        NoteKind.Referral => Referral,
        NoteKind.PatientSummary => PatientSummary,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

/// <summary>A section of a form.</summary>
/// <param name="Key">The same in all languages.</param>
/// <param name="English">Its title.</param>
/// <param name="Spanish">Its title.</param>
/// <param name="Portuguese">Its title.</param>
/// <param name="Content">What belongs into it, as a model is told.</param>
public sealed record NoteFormSection(string Key, string English, string Spanish, string Portuguese, string Content)
{
    /// <summary>The title in <paramref name="language"/>.</summary>
    public string Title(string language) => language switch
    {
        "es" => Spanish,
        "pt" => Portuguese,
        _ => English,
    };
}
