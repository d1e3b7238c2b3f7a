using System.Globalization;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Encounters;
using Holi.Synthetic.Notes;
using Holi.Synthetic.Randomness;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Records;

/// <summary>Makes records. Each depends on its recipe and its number and on nothing else, so any of them can be made at any time, on any thread.</summary>
internal static class RecordMaker
{
    /// <summary>Of the generator: goes up whenever a seed gives other bytes than before.</summary>
    public const string Version = "holi-synthetic/1";

    public static SyntheticRecord Make(Recipe recipe, int number) => Make(ClinicalTable.Current, recipe, number);

    public static SyntheticRecord Make(ClinicalTable table, Recipe recipe, int number)
    {
        var draw = Draw.Of(recipe.Seed, number);
        var language = draw.Branch("language").Pick(recipe.Languages);
        var id = IdOf(recipe, number);
        var (patient, encounter) = EncounterDraw.Of(table, draw, language, id);
        var scene = new Scene(table, patient, encounter, language);
        var dialogue = Consultation.Of(scene, draw.Branch("dialogue"));
        var reference = new ReferenceWriter(scene, dialogue).Write();
        return new SyntheticRecord(id, patient, encounter, dialogue.Transcript, dialogue.Facts, reference);
    }

    /// <summary>Such as <c>syn-42-mix-000017</c>: sorts in the order in which they are made.</summary>
    public static string IdOf(Recipe recipe, int number) => string.Create(CultureInfo.InvariantCulture, $"syn-{recipe.Seed}-{recipe.LanguageName}-{number:D6}");
}
