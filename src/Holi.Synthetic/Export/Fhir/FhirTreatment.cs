using System.Globalization;
using System.Text.Json.Nodes;
using Holi.Synthetic.Dialogue;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Export.Fhir;

/// <summary>MedicationStatement (taken before), MedicationRequest (prescribed now), ServiceRequest (referral), CarePlan (advice, warnings, next visit).</summary>
internal static class FhirTreatment
{
    public static void AddTo(FhirEntries entries)
    {
        foreach (var one in entries.Record.Patient.Medications)
        {
            entries.Add("MedicationStatement", $"medication/{one.Drug}", new JsonObject
            {
                ["status"] = "active",
                ["medicationCodeableConcept"] = FhirEntries.Code(FhirEntries.Atc, one.Atc, one.Name),
                ["subject"] = entries.Subject(),
                ["effectiveDateTime"] = entries.Now,
                ["dosage"] = new JsonArray(Dosage(entries, one)),
            });
        }
        foreach (var one in entries.Record.Encounter.Plan)
        {
            entries.Add("MedicationRequest", $"prescription/{one.Drug}", new JsonObject
            {
                ["status"] = "active",
                ["intent"] = "order",
                ["medicationCodeableConcept"] = FhirEntries.Code(FhirEntries.Atc, one.Atc, one.Name),
                ["subject"] = entries.Subject(),
                ["encounter"] = entries.Reference("encounter"),
                ["authoredOn"] = entries.Now,
                ["requester"] = entries.Reference("doctor"),
                ["reasonReference"] = new JsonArray(entries.Reference("diagnosis")),
                ["dosageInstruction"] = new JsonArray(Dosage(entries, one)),
            });
        }
        Referral(entries);
        Care(entries);
    }

    private static void Referral(FhirEntries entries)
    {
        if (entries.Record.Encounter.Refer is not { } refer)
            return;
        entries.Add("ServiceRequest", "referral", new JsonObject
        {
            ["status"] = "active",
            ["intent"] = "order",
            ["priority"] = refer == "emergency" ? "stat" : "routine",
            ["code"] = FhirEntries.Code(FhirEntries.Snomed, "3457005", "Patient referral", Phrases.Of(entries.Record.Language).Word($"specialty.{refer}")),
            ["subject"] = entries.Subject(),
            ["encounter"] = entries.Reference("encounter"),
            ["authoredOn"] = entries.Now,
            ["requester"] = entries.Reference("doctor"),
            ["reasonReference"] = new JsonArray(entries.Reference("diagnosis")),
        });
    }

    private static void Care(FhirEntries entries)
    {
        var plan = entries.Record.Reference.Section("plan").Select(statement => statement.Text).ToList();
        entries.Add("CarePlan", "care", new JsonObject
        {
            ["status"] = "active",
            ["intent"] = "plan",
            ["description"] = string.Join(' ', plan),
            ["subject"] = entries.Subject(),
            ["encounter"] = entries.Reference("encounter"),
            ["created"] = entries.Now,
            ["author"] = entries.Reference("doctor"),
            ["addresses"] = new JsonArray(entries.Reference("diagnosis")),
        });
    }

    private static JsonObject Dosage(FhirEntries entries, Prescription one)
    {
        var phrases = Phrases.Of(entries.Record.Language);
        var dose = $"{Wording.Number(one.Dose, entries.Record.Language)} {Wording.Unit(one.Unit, one.Dose, phrases)}";
        return new JsonObject
        {
            ["text"] = $"{dose}, {Wording.Route(one.Route, phrases)}, {one.Frequency}{Wording.Long(one, phrases)}",
            ["timing"] = Timing(one),
            ["asNeededBoolean"] = one.IsAsNeeded,
            ["route"] = Route(one.Route),
            ["doseAndRate"] = new JsonArray(new JsonObject { ["doseQuantity"] = FhirEntries.Quantity(one.Dose, UcumOf(one.Unit)) }),
        };
    }

    private static JsonObject Timing(Prescription one)
    {
        var (frequency, period, unit) = one.FrequencyKind switch
        {
            "every" => (1, one.FrequencyCount, "h"),
            "daily" => (one.FrequencyCount, 1, "d"),
            "night" => (1, 1, "d"),
            "weekly" => (1, 1, "wk"),
            _ => (1, 0, ""),
        };
        // A single dose is a count and not a frequency.
        var repeat = period == 0 ? new JsonObject { ["count"] = 1 } : new JsonObject { ["frequency"] = frequency, ["period"] = period, ["periodUnit"] = unit };
        if (one.Days is { } days)
            repeat["boundsDuration"] = new JsonObject { ["value"] = days, ["unit"] = "days", ["system"] = FhirEntries.Ucum, ["code"] = "d" };
        return new JsonObject { ["repeat"] = repeat };
    }

    private static JsonObject Route(string route)
    {
        var (code, display) = route switch
        {
            "oral" => ("26643006", "Oral route"),
            "inhaled" => ("447694001", "Respiratory tract route"),
            "nasal" => ("46713006", "Nasal route"),
            "topical" => ("6064005", "Topical route"),
            "sublingual" => ("37839007", "Sublingual route"),
            "subcutaneous" => ("34206005", "Subcutaneous route"),
            "intramuscular" => ("78421000", "Intramuscular route"),
            "ear" => ("10547007", "Otic route"),
            "eye" => ("54485002", "Ophthalmic route"),
            _ => throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"no code for the route '{route}'")),
        };
        return FhirEntries.Code(FhirEntries.Snomed, code, display);
    }

    private static string UcumOf(string unit) => unit switch
    {
        "mcg" => "ug",
        "ml" => "mL",
        "unit" => "[iU]",
        "drop" => "[drp]",
        "application" => "{application}",
        _ => unit,
    };
}
