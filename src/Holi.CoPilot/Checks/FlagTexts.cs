using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Checks;

/// <summary>What a flag says to a person, in the note's language. Pure.</summary>
internal static class FlagTexts
{
    private static readonly Dictionary<NoteFlagKind, (string English, string Spanish, string Portuguese)> Texts = new()
    {
        [NoteFlagKind.UnsupportedStatement] = (
            "Nothing in the transcript is named in support of this.",
            "No se indica nada en la transcripción que lo respalde.",
            "Nada na transcrição é indicado em apoio a isto."),
        [NoteFlagKind.UnsupportedNumber] = (
            "Not said there, and not in the record: {0}.",
            "No se dijo ahí ni consta en la historia: {0}.",
            "Não foi dito ali nem consta no prontuário: {0}."),
        [NoteFlagKind.DoseWithoutUnit] = (
            "The dose of {0} has no unit.", "La dosis de {0} no tiene unidad.", "A dose de {0} não tem unidade."),
        [NoteFlagKind.AllergyConflict] = (
            "Check the allergy: {0}.", "Compruebe la alergia: {0}.", "Verifique a alergia: {0}."),
        [NoteFlagKind.NegationDoubt] = (
            "The transcript may say the opposite: compare what was affirmed and what was denied.",
            "La transcripción puede decir lo contrario: compare lo afirmado y lo negado.",
            "A transcrição pode dizer o contrário: compare o que foi afirmado e o que foi negado."),
        [NoteFlagKind.MalformedCode] = (
            "{0} does not have the form of an ICD-10 code.", "{0} no tiene la forma de un código CIE-10.", "{0} não tem a forma de um código CID-10."),
        [NoteFlagKind.UnknownToken] = (
            "A placeholder could not be put back into words.", "Un marcador no se pudo volver a convertir en palabras.", "Um marcador não pôde ser reconvertido em palavras."),
        [NoteFlagKind.PartOfTranscript] = (
            "The time ended: the note covers the transcript up to segment {0} only.",
            "Se acabó el tiempo: la nota abarca la transcripción solo hasta el segmento {0}.",
            "O tempo acabou: a nota abrange a transcrição apenas até o segmento {0}."),
        [NoteFlagKind.Template] = (
            "No model wrote this: it is an empty form with what the record holds. Nothing of the consultation is in it.",
            "Ningún modelo escribió esto: es un formulario vacío con lo que consta en la historia. No contiene nada de la consulta.",
            "Nenhum modelo escreveu isto: é um formulário vazio com o que consta no prontuário. Não contém nada da consulta."),
    };

    private static readonly (string English, string Spanish, string Portuguese) Wordless = (
        "None of its words was said in the segments that it names: it may be said in other words, or not at all.",
        "Ninguna de sus palabras se dijo en los segmentos que indica: quizá se dijo con otras palabras, o no se dijo.",
        "Nenhuma de suas palavras foi dita nos segmentos que indica: talvez tenha sido dito com outras palavras, ou não foi dito.");

    public static NoteFlag Flag(
        NoteFlagKind kind, string language, string where, IReadOnlyList<int> segments, string detail = "", bool isWordless = false)
    {
        var texts = isWordless ? Wordless : Texts[kind];
        var text = language switch
        {
            "es" => texts.Spanish,
            "pt" => texts.Portuguese,
            _ => texts.English,
        };
        return new NoteFlag(kind, where, text.Replace("{0}", detail, StringComparison.Ordinal), segments);
    }
}
