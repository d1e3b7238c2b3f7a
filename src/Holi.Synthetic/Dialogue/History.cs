using System.Globalization;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Dialogue;

/// <summary>Questions: what else is felt, what is not, what the patient has, takes, must not take. Distractors come in between.</summary>
internal static class History
{
    public static void Say(Speech speech, Scene scene)
    {
        Symptoms(speech, scene);
        if (speech.Draw.Chance(0.55m))
        {
            speech.Doctor("tried.d");
            speech.Tell("tried", speech.Answer("tried.p"));
        }
        Distract(speech, 0.7m);
        if (speech.Draw.Chance(0.35m))
            speech.Exchange("interrupt", isDoctorFirst: true);
        Problems(speech, scene);
        Medications(speech, scene);
        Allergies(speech, scene);
        if (!scene.IsChild)
            Life(speech, scene);
        Distract(speech, 0.3m);
        Summary(speech, scene);
    }

    /// <summary>The doctor says back what was understood.</summary>
    private static void Summary(Speech speech, Scene scene)
    {
        if (scene.IsCheckup || scene.Encounter.Denied.Count == 0 || !speech.Draw.Chance(0.7m))
            return;
        var names = scene.Encounter.Symptoms.Take(3).Select(id => Bare(scene.Table.Symptoms[id].Name(scene.Language), scene.Language));
        var denied = Bare(scene.Table.Symptoms[speech.Draw.Pick(scene.Encounter.Denied)].Name(scene.Language), scene.Language);
        speech.Doctor(
            "summary.d", ("list", string.Join(", ", names)), ("bare", denied), ("onset", Wording.Duration(scene.Encounter.OnsetDays, speech.Phrases)));
        speech.Answer("summary.p");
    }

    private static void Symptoms(Speech speech, Scene scene)
    {
        var isTold = speech.Facts;
        var rest = scene.Encounter.Symptoms.Where(symptom => !isTold.ContainsKey($"symptom:{symptom}")).Select(symptom => (Id: symptom, IsPresent: true))
            .Concat(scene.Encounter.Denied.Select(symptom => (Id: symptom, IsPresent: false)));
        var asked = new Queue<(string Id, bool IsPresent)>(speech.Draw.Shuffle(rest));
        while (asked.TryDequeue(out var one))
        {
            if (one.IsPresent)
                Present(speech, scene, one.Id);
            else if (asked.TryPeek(out var next) && !next.IsPresent && speech.Draw.Chance(0.5m))
                DenyTwo(speech, scene, one.Id, asked.Dequeue().Id);
            else
                Deny(speech, scene, one.Id);
            if (speech.Draw.Chance(0.25m))
                speech.Doctor("ack.d");
        }
    }

    private static void Present(Speech speech, Scene scene, string id)
    {
        var symptom = scene.Table.Symptoms[id];
        var ask = speech.Doctor("ask.d", Names(symptom, scene.Language));
        speech.Tell($"symptom:{id}", ask, speech.Answer("yes.p", ("say", speech.Draw.Pick(symptom.Says(scene.Language)))));
    }

    private static void Deny(Speech speech, Scene scene, string id)
    {
        var names = Names(scene.Table.Symptoms[id], scene.Language);
        var ask = speech.Doctor("ask.d", names);
        speech.Tell($"denied:{id}", ask, speech.Answer("no.p", names));
    }

    private static void DenyTwo(Speech speech, Scene scene, string first, string second)
    {
        var other = Names(scene.Table.Symptoms[second], scene.Language).Select(place => ($"{place.Name}2", place.Value));
        var ask = speech.Doctor("ask2.d", Names(scene.Table.Symptoms[first], scene.Language).Concat(other));
        var no = speech.Answer("no2.p");
        speech.Tell($"denied:{first}", ask, no);
        speech.Tell($"denied:{second}", ask, no);
    }

    private static (string Name, string Value)[] Names(Symptom symptom, Language language)
    {
        var name = symptom.Name(language);
        return [("name", name), ("bare", Bare(name, language))];
    }

    /// <summary>Without its article: "any cough", not "any a cough".</summary>
    public static string Bare(string name, Language language) =>
        language != Language.English ? name
        : name.StartsWith("a ", StringComparison.Ordinal) ? name[2..]
        : name.StartsWith("an ", StringComparison.Ordinal) ? name[3..]
        : name;

    private static void Distract(Speech speech, decimal chance)
    {
        if (!speech.Draw.Chance(chance))
            return;
        var told = speech.Answer("distract.p");
        speech.Tell("distractor", told, speech.Doctor("distract.d"));
    }

    private static void Problems(Speech speech, Scene scene)
    {
        var ask = speech.Doctor("problems.d");
        var problems = scene.Patient.Problems;
        if (problems.Count == 0)
        {
            speech.Tell("problems", ask, speech.Answer("problems.none"));
            return;
        }
        var names = problems.Select(problem => scene.Table.Conditions[problem.Condition].Lay![scene.Language]).ToList();
        var list = names.Count == 1 ? names[0] : $"{string.Join(", ", names[..^1])} {speech.Phrases.Word("word.and")} {names[^1]}";
        var told = speech.Answer("problems.p", ("list", list), ("year", problems[^1].Since.ToString(CultureInfo.InvariantCulture)));
        speech.Tell("problems", ask, told);
    }

    private static void Medications(Speech speech, Scene scene)
    {
        var ask = speech.Doctor("meds.d");
        if (scene.Patient.Medications.Count == 0)
            speech.Tell("medications", ask, speech.Answer("meds.none"));
        for (var i = 0; i < scene.Patient.Medications.Count; i++)
        {
            var taken = scene.Patient.Medications[i];
            var told = speech.Answer(i == 0 ? "meds.p" : "meds.more", Treatment.Places(taken, speech));
            speech.Tell($"medication:{taken.Drug}", ask, told);
        }
    }

    private static void Allergies(Speech speech, Scene scene)
    {
        var ask = speech.Doctor("allergies.d");
        if (scene.Patient.Allergies.Count == 0)
        {
            speech.Tell("allergies", ask, speech.Answer("allergies.none"));
            return;
        }
        for (var i = 0; i < scene.Patient.Allergies.Count; i++)
        {
            var allergy = scene.Patient.Allergies[i];
            var told = speech.Answer(i == 0 ? "allergies.p" : "allergies.more", ("allergen", allergy.Name), ("reaction", allergy.ReactionName));
            speech.Tell($"allergy:{allergy.Allergen}", ask, told);
        }
        speech.Doctor("allergies.ack");
    }

    private static void Life(Speech speech, Scene scene)
    {
        var patient = scene.Patient;
        if (patient.Age >= 16)
        {
            var ask = speech.Doctor("smoke.d");
            speech.Tell("smoking", ask, speech.Answer($"smoke.{patient.Smoking}"));
        }
        if (patient.Age >= 20 && speech.Draw.Chance(0.5m))
        {
            speech.Doctor("work.d");
            speech.Answer(patient.Age >= 67 ? "work.retired" : "work.p", ("job", patient.Job));
        }
        if (patient.Age >= 18 && speech.Draw.Chance(0.6m))
        {
            var ask = speech.Doctor("family.d");
            speech.Tell("family", ask, speech.Answer("family.p"));
        }
        if (patient.Age >= 25 && speech.Draw.Chance(0.45m))
        {
            speech.Doctor("home.d");
            speech.Answer("home.p");
        }
        if (patient.IsPregnant || patient is { Sex: "female", Age: >= 16 and <= 48 })
        {
            var ask = speech.Doctor("pregnant.d");
            speech.Tell("pregnancy", ask, speech.Answer(patient.IsPregnant ? "pregnant.yes" : "pregnant.no"));
        }
    }
}
