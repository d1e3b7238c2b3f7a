using Holi.Synthetic.Records;

namespace Holi.Synthetic.Dialogue;

/// <summary>What is prescribed, advised and arranged.</summary>
internal static class Treatment
{
    public static void Say(Speech speech, Scene scene)
    {
        if (scene.Encounter.Refer == "emergency")
            speech.Tell("refer", speech.Doctor("refer.emergency"));
        Prescribe(speech, scene);
        if (scene.Encounter.Refer is { } refer and not "emergency")
            speech.Tell("refer", speech.Doctor("refer.d", ("specialty", speech.Phrases.Word($"specialty.{refer}"))));
        foreach (var id in scene.Encounter.Advice)
        {
            speech.Tell($"advice:{id}", speech.Doctor("advice.d", ("advice", scene.Table.Advice[id].Aloud(scene.Language))));
            if (speech.Draw.Chance(0.45m))
                speech.Answer("advice.p");
        }
    }

    /// <summary>What stands for a drug and how it is taken.</summary>
    public static (string Name, string Value)[] Places(Prescription one, Speech speech) =>
    [
        ("drug", one.Name),
        ("dose", Wording.Number(one.Dose, speech.Phrases.Language)),
        ("unit", Wording.Unit(one.Unit, one.Dose, speech.Phrases)),
        ("route", Wording.Route(one.Route, speech.Phrases)),
        ("often", one.Frequency),
        ("long", Wording.Long(one, speech.Phrases)),
    ];

    private static void Prescribe(Speech speech, Scene scene)
    {
        var plan = scene.Encounter.Plan;
        if (scene.Encounter.AvoidedAllergen is { } avoided)
            speech.Tell($"allergy:{avoided}", speech.Doctor("rx.allergy", ("allergen", scene.Table.Allergens[avoided].Names[scene.Language])));
        if (plan.Count == 0)
            speech.Doctor("rx.none");
        for (var i = 0; i < plan.Count; i++)
        {
            var part = i > 0 ? "rx.more" : plan[i].Route == "oral" ? "rx.first" : "rx.other";
            var told = speech.Doctor(part, Places(plan[i], speech));
            speech.Tell($"plan:{plan[i].Drug}", told);
            if (speech.Draw.Chance(0.12m) && Wrong(plan[i], speech) is { } wrong)
                Mishear(speech, plan[i], wrong);
            else if (speech.Draw.Chance(0.5m))
                Repeat(speech, plan[i]);
        }
        if (plan.Count > 0 && !scene.IsChild && speech.Draw.Chance(0.75m))
            speech.Exchange("rx.talk", isDoctorFirst: true);
    }

    /// <summary>The patient says it back, and it is right.</summary>
    private static void Repeat(Speech speech, Prescription one)
    {
        var told = speech.Answer("teach.p", Places(one, speech));
        speech.Tell($"plan:{one.Drug}", told, speech.Doctor("teach.d"));
    }

    /// <summary>The patient says it back, and it is wrong: a note that takes their word for it would be dangerous.</summary>
    private static void Mishear(Speech speech, Prescription one, string wrong)
    {
        var told = speech.Answer("mishear.p", ("wrong", wrong));
        speech.Tell("misheard", told);
        speech.Tell($"plan:{one.Drug}", speech.Doctor("mishear.d", [.. Places(one, speech), ("wrong", wrong)]));
    }

    private static string? Wrong(Prescription one, Speech speech) => one.FrequencyKind switch
    {
        "every" => Wording.Often("every", one.FrequencyCount == 12 ? 6 : 12, isAsNeeded: false, speech.Phrases),
        "daily" => Wording.Often("daily", one.FrequencyCount == 1 ? 2 : 1, isAsNeeded: false, speech.Phrases),
        _ => null,
    };
}

/// <summary>When to come back at once, when to come back, farewell.</summary>
internal static class Closing
{
    public static void Say(Speech speech, Scene scene)
    {
        var flags = scene.Encounter.RedFlags.Select(id => History.Bare(scene.Table.Symptoms[id].Name(scene.Language), scene.Language)).ToList();
        speech.Tell("redFlags", flags.Count > 2
            ? speech.Doctor("safety.d", ("a", flags[0]), ("b", flags[1]), ("c", flags[2]))
            : speech.Doctor("safety.d2", ("a", flags[0]), ("b", flags[1])));
        speech.Answer("safety.p");
        var when = Wording.When(scene.Encounter.FollowUpDays, speech.Phrases);
        speech.Tell("followUp", speech.Doctor("follow.d", ("when", when)));
        if (speech.Draw.Chance(0.7m))
            speech.Answer("follow.p", ("when", when));
        speech.Doctor("more.d");
        speech.Exchange("more.p", isDoctorFirst: false);
        speech.Doctor("bye.d");
        speech.Answer("bye.p");
    }
}
