namespace Holi.Synthetic.Notes;

/// <summary>The sections of a SOAP note, with the keys and titles that Holi.CoPilot's notes have.</summary>
internal static class SoapForm
{
    public static IReadOnlyList<(string Key, string Title)> Sections(Language language) => language switch
    {
        Language.Spanish => [("subjective", "Subjetivo"), ("objective", "Objetivo"), ("assessment", "Evaluación"), ("plan", "Plan")],
        Language.Portuguese => [("subjective", "Subjetivo"), ("objective", "Objetivo"), ("assessment", "Avaliação"), ("plan", "Plano")],
        _ => [("subjective", "Subjective"), ("objective", "Objective"), ("assessment", "Assessment"), ("plan", "Plan")],
    };
}
