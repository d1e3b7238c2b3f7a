using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Dialogue;

/// <summary>What is measured and found, and what the tests say, as the doctor says it aloud.</summary>
internal static class Examination
{
    public static void Say(Speech speech, Scene scene)
    {
        speech.Doctor("exam.d");
        speech.Pause(8, 40);
        Vitals(speech, scene);
        foreach (var region in scene.Encounter.Regions.Select(id => scene.Table.Regions[id]).Where(region => region.Loinc is null))
            Look(speech, scene, region);
        Tests(speech, scene);
    }

    private static void Vitals(Speech speech, Scene scene)
    {
        speech.Tell("pressure", speech.Doctor("pressure.d", Value("systolic", scene), Value("diastolic", scene)));
        speech.Tell("vitals", speech.Doctor(
            "vitals.d", Value("pulse", scene, "heart-rate"), Value("temperature", scene), Value("oxygen", scene, "oxygen-saturation")));
        if (scene.IsChild || speech.Draw.Chance(0.4m))
            speech.Tell("weight", speech.Doctor("weight.d", Value("weight", scene)));
        speech.Pause(5, 25);
    }

    private static (string Name, string Value) Value(string place, Scene scene, string? measure = null) =>
        (place, Wording.Number(scene.Vital(measure ?? place).Value!.Value, scene.Language));

    private static void Look(Speech speech, Scene scene, Region region)
    {
        var found = scene.Encounter.Findings.Select(id => scene.Table.Findings[id]).Where(finding => finding.Region == region.Id).ToList();
        if (!scene.IsChild && speech.Phrases.Has($"instruct.{region.Id}"))
        {
            speech.Doctor($"instruct.{region.Id}");
            speech.Pause(4, 15);
        }
        foreach (var finding in found.DefaultIfEmpty(region.Normal))
        {
            var part = region.Id == "general" ? "aloud.d" : finding.IsNormal ? "normal.d" : "find.d";
            var told = speech.Doctor(part, ("region", region.Names[scene.Language]), ("aloud", finding.Aloud(scene.Language)));
            speech.Tell(finding.IsNormal ? $"region:{region.Id}" : $"finding:{finding.Id}", told);
            if (!finding.IsNormal && !scene.IsChild && speech.Draw.Chance(0.45m))
                speech.Answer("find.p");
        }
        if (scene.IsChild && speech.Draw.Chance(0.12m))
            speech.Child("complains.child");
        speech.Pause(2, 12);
    }

    private static void Tests(Speech speech, Scene scene)
    {
        var reports = scene.Encounter.Regions.Select(id => scene.Table.Regions[id]).Where(region => region.Loinc is not null).ToList();
        if (scene.Patient.Labs.Count == 0 && reports.Count == 0)
            return;
        speech.Doctor("tests.d");
        speech.Pause(2, 8);
        foreach (var region in reports)
            Report(speech, scene, region);
        foreach (var lab in scene.Patient.Labs)
            speech.Tell($"lab:{lab.Measure}", Lab(speech, scene, lab));
        if (speech.Draw.Chance(0.6m))
            speech.Answer("tests.p");
    }

    private static void Report(Speech speech, Scene scene, Region region)
    {
        var found = scene.Encounter.Findings.Select(id => scene.Table.Findings[id]).Where(finding => finding.Region == region.Id).DefaultIfEmpty(region.Normal);
        foreach (var finding in found)
            speech.Tell(finding.IsNormal ? $"region:{region.Id}" : $"finding:{finding.Id}", speech.Doctor("aloud.d", ("aloud", finding.Aloud(scene.Language))));
    }

    private static int Lab(Speech speech, Scene scene, Measurement lab)
    {
        if (lab.Result is { } result)
            return speech.Doctor("presence.d", ("test", lab.Name), ("result", speech.Phrases.Word($"result.{result}")));
        var flag = lab.Flag switch { "H" => "flag.high", "L" => "flag.low", _ => "flag.normal" };
        return speech.Doctor("lab.d", ("test", lab.Name), ("value", Wording.Number(lab.Value!.Value, scene.Language)), ("flag", speech.Word(flag, [])));
    }
}

/// <summary>What it is, why, what else it could have been.</summary>
internal static class Explanation
{
    public static void Say(Speech speech, Scene scene)
    {
        speech.Tell("diagnosis", speech.Doctor("dx.d", ("condition", Template.Inside(scene.Encounter.Diagnosis))));
        speech.Tell("diagnosis", speech.Doctor("explain.d", ("explain", scene.Condition.Explain[scene.Language])));
        if (speech.Draw.Chance(0.8m))
        {
            speech.Answer("dx.p");
            speech.Doctor("dx.answer");
        }
        if (!scene.IsChild && speech.Draw.Chance(0.7m))
            speech.Exchange("dx.more", isDoctorFirst: false);
        var others = scene.Encounter.Differential.Select(id => Template.Inside(scene.Table.Conditions[id].Names[scene.Language])).ToList();
        speech.Tell("differential", speech.Doctor("diff.d", ("a", others[0]), ("b", others[1])));
    }
}
