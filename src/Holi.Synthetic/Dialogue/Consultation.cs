using System.Globalization;
using Holi.CoPilot.Notes;
using Holi.Synthetic.Encounters;
using Holi.Synthetic.Randomness;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Dialogue;

/// <summary>A clinical state and all that is needed to talk about it.</summary>
internal sealed record Scene(ClinicalTable Table, Patient Patient, Encounter Encounter, Language Language)
{
    public Condition Condition { get; } = Table.Conditions[Encounter.Condition];

    /// <summary>Nothing is felt: it was found in an examination.</summary>
    public bool IsCheckup => Condition.IsCheckup || Encounter.Symptoms.Count == 0;

    public bool IsChild => Patient.Age < Suitability.AdultDoseAge;

    public Measurement Vital(string measure) => Patient.Vitals.First(vital => vital.Measure == measure);

    public Agreement Agreement => new(
        Patient.Sex == "female", Encounter.DoctorSex == "female", Encounter.Companion == "mother", Encounter.IsFormal);
}

/// <summary>What was said, and which turn said what.</summary>
internal sealed record Dialogue(Transcript Transcript, IReadOnlyDictionary<string, IReadOnlyList<int>> Facts);

/// <summary>Tells a whole consultation, from the greeting to the farewell.</summary>
internal static class Consultation
{
    public static Dialogue Of(Scene scene, Draw draw)
    {
        var speech = new Speech(draw, Phrases.Of(scene.Language), scene.Agreement, scene.IsChild, Known(scene));
        Opening.Say(speech, scene);
        Complaint.Say(speech, scene);
        History.Say(speech, scene);
        Examination.Say(speech, scene);
        Explanation.Say(speech, scene);
        Treatment.Say(speech, scene);
        Closing.Say(speech, scene);
        return new Dialogue(new Transcript(scene.Language.Code(), speech.Segments), speech.Facts);
    }

    private static Dictionary<string, string> Known(Scene scene)
    {
        var given = scene.Patient.GivenName;
        var family = scene.Patient.FamilyName.Split(' ')[0];
        var isFemale = scene.Patient.Sex == "female";
        var formal = scene.Language switch
        {
            Language.Spanish => $"{(isFemale ? "señora" : "señor")} {family}",
            Language.Portuguese => $"{(isFemale ? "dona" : "seu")} {given}",
            _ => $"{(isFemale ? "Ms." : "Mr.")} {family}",
        };
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["given"] = given,
            ["address"] = scene.Encounter.IsFormal && !scene.IsChild ? formal : given,
            ["hello"] = Phrases.Of(scene.Language).Word(scene.Encounter.At.Hour < 12 ? "hello.morning" : "hello.afternoon"),
            ["doctor"] = scene.Encounter.DoctorFamilyName,
            ["you"] = !scene.Encounter.IsFormal ? "você" : isFemale ? "a senhora" : "o senhor",
        };
    }
}

/// <summary>Greeting and small talk.</summary>
internal static class Opening
{
    public static void Say(Speech speech, Scene scene)
    {
        speech.Doctor("greet.d");
        speech.Answer("greet.p");
        if (speech.Draw.Chance(0.7m))
            speech.Exchange("smalltalk", isDoctorFirst: true);
        if (scene.IsChild && speech.Draw.Chance(0.4m))
            speech.Child("complains.child");
    }
}

/// <summary>What the patient came for, since when, how bad.</summary>
internal static class Complaint
{
    public static void Say(Speech speech, Scene scene)
    {
        var ask = speech.Doctor("open.d");
        if (scene.IsCheckup)
        {
            speech.Tell("complaint", ask, speech.Answer("open.checkup"));
        }
        else
        {
            Reason(speech, scene);
            Onset(speech, scene);
        }
        if (scene.IsChild)
            return;
        for (var i = 0; i < scene.Condition.Story[scene.Language].Count; i++)
        {
            speech.Doctor("story.d");
            speech.Tell($"story:{i}", speech.Answer("story.p", ("story", scene.Condition.Story[scene.Language][i])));
            if (speech.Draw.Chance(0.5m))
                speech.Doctor("ack.d");
        }
        if (speech.Draw.Chance(0.75m))
        {
            speech.Doctor("impact.d");
            speech.Answer("impact.p");
        }
        if (scene.Encounter.Companion == "relative")
            speech.Companion("companion.p");
        if (speech.Draw.Chance(0.6m))
        {
            speech.Doctor("worry.d");
            speech.Answer("worry.p");
            speech.Doctor("worry.ack");
        }
    }

    private static void Reason(Speech speech, Scene scene)
    {
        var symptoms = scene.Encounter.Symptoms;
        var first = scene.Table.Symptoms[symptoms[0]];
        var second = symptoms.Count > 1 && !scene.IsChild ? scene.Table.Symptoms[symptoms[1]] : null;
        var told = second is null
            ? speech.Answer("open.p", ("say", speech.Draw.Pick(first.Says(scene.Language))), ("name", first.Name(scene.Language)))
            : speech.Answer("open.p2", ("say", speech.Draw.Pick(first.Says(scene.Language))), ("say2", speech.Draw.Pick(second.Says(scene.Language))));
        speech.Tell("complaint", told);
        speech.Tell($"symptom:{first.Id}", told);
        if (second is not null)
            speech.Tell($"symptom:{second.Id}", told);
        if (speech.Draw.Chance(0.6m))
            speech.Doctor("ack.d");
    }

    private static void Onset(Speech speech, Scene scene)
    {
        var ask = speech.Doctor("onset.d");
        speech.Tell("onset", ask, speech.Answer("onset.p", ("onset", Wording.Duration(scene.Encounter.OnsetDays, speech.Phrases))));
        speech.Doctor("course.d");
        speech.Tell("course", speech.Answer("course.p"));
        var pain = (int)scene.Vital("pain").Value!.Value;
        if (pain > 0)
        {
            var scale = speech.Doctor("pain.d");
            speech.Tell("pain", scale, speech.Answer("pain.p", ("n", pain.ToString(CultureInfo.InvariantCulture))));
        }
    }
}
