using System.Globalization;
using System.Text.Json.Nodes;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Export.Fhir;

/// <summary>Condition, Observation, DiagnosticReport, AllergyIntolerance.</summary>
internal static class FhirFindings
{
    private static readonly string[] Pressures = ["systolic", "diastolic"];

    public static void AddTo(FhirEntries entries)
    {
        Conditions(entries);
        Allergies(entries);
        Pressure(entries);
        foreach (var vital in entries.Record.Patient.Vitals.Where(vital => vital.Measure is not ("systolic" or "diastolic")))
            Observation(entries, vital, "vital-signs");
        foreach (var lab in entries.Record.Patient.Labs)
            Observation(entries, lab, "laboratory");
        Reports(entries);
    }

    private static void Conditions(FhirEntries entries)
    {
        var encounter = entries.Record.Encounter;
        var isSuspected = entries.Table.Conditions[encounter.Condition].Names.English.StartsWith("Suspected", StringComparison.Ordinal);
        entries.Add("Condition", "diagnosis", Condition(
            entries, "encounter-diagnosis", isSuspected ? "provisional" : "confirmed", encounter.Icd10, encounter.Diagnosis,
            DateOnly.FromDateTime(encounter.At.DateTime).AddDays(-encounter.OnsetDays).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        foreach (var problem in entries.Record.Patient.Problems)
        {
            entries.Add("Condition", $"problem/{problem.Condition}", Condition(
                entries, "problem-list-item", "confirmed", problem.Icd10, problem.Name, problem.Since.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static JsonObject Condition(FhirEntries entries, string category, string verification, string code, string name, string onset) => new()
    {
        ["clinicalStatus"] = FhirEntries.Hl7("condition-clinical", "active"),
        ["verificationStatus"] = FhirEntries.Hl7("condition-ver-status", verification),
        ["category"] = new JsonArray(FhirEntries.Hl7("condition-category", category)),
        ["code"] = FhirEntries.Code(FhirEntries.Icd10, code, name),
        ["subject"] = entries.Subject(),
        ["encounter"] = category == "encounter-diagnosis" ? entries.Reference("encounter") : null,
        ["onsetDateTime"] = onset,
        ["recordedDate"] = entries.Now,
    };

    private static void Allergies(FhirEntries entries)
    {
        foreach (var allergy in entries.Record.Patient.Allergies)
        {
            entries.Add("AllergyIntolerance", $"allergy/{allergy.Allergen}", new JsonObject
            {
                ["clinicalStatus"] = FhirEntries.Hl7("allergyintolerance-clinical", "active"),
                ["verificationStatus"] = FhirEntries.Hl7("allergyintolerance-verification", "confirmed"),
                ["criticality"] = allergy.IsSevere ? "high" : "low",
                ["code"] = Coded(entries, allergy),
                ["patient"] = entries.Subject(),
                ["reaction"] = new JsonArray(new JsonObject
                {
                    ["manifestation"] = new JsonArray(new JsonObject { ["text"] = allergy.ReactionName }),
                    ["severity"] = allergy.IsSevere ? "severe" : "moderate",
                }),
            });
        }
    }

    /// <summary>A class of drugs has an ATC code; peanuts have none.</summary>
    private static JsonObject Coded(FhirEntries entries, Allergy allergy) =>
        entries.Table.Allergens[allergy.Allergen].Forbids is [var atc, ..] ? FhirEntries.Code(FhirEntries.Atc, atc, allergy.Name) : new JsonObject { ["text"] = allergy.Name };

    private static void Pressure(FhirEntries entries)
    {
        var pressure = Frame(entries, FhirEntries.Code(FhirEntries.Loinc, "85354-9", "Blood pressure panel"), "vital-signs");
        pressure["component"] = new JsonArray([.. Pressures.Select(measure => entries.Record.Patient.Vitals.First(vital => vital.Measure == measure))
            .Select(vital => (JsonNode)new JsonObject
            {
                ["code"] = FhirEntries.Code(FhirEntries.Loinc, vital.Loinc, vital.Name),
                ["valueQuantity"] = FhirEntries.Quantity(vital.Value!.Value, vital.Unit),
            })]);
        entries.Add("Observation", "vital/pressure", pressure);
    }

    private static void Observation(FhirEntries entries, Measurement one, string category)
    {
        var observation = Frame(entries, FhirEntries.Code(FhirEntries.Loinc, one.Loinc, one.Name), category);
        if (one.Result is { } result)
            observation["valueCodeableConcept"] = FhirEntries.Code(FhirEntries.Snomed, result == "positive" ? "10828004" : "260385009", result == "positive" ? "Positive" : "Negative");
        else
            observation["valueQuantity"] = FhirEntries.Quantity(one.Value!.Value, one.Unit);
        if (one.Flag.Length > 0)
            observation["interpretation"] = new JsonArray(FhirEntries.Hl7("v3-ObservationInterpretation", one.Flag));
        if (one.Low is { } low && one.High is { } high)
            observation["referenceRange"] = new JsonArray(new JsonObject { ["low"] = FhirEntries.Quantity(low, one.Unit), ["high"] = FhirEntries.Quantity(high, one.Unit) });
        entries.Add("Observation", $"{category}/{one.Measure}", observation);
    }

    private static JsonObject Frame(FhirEntries entries, JsonObject code, string category) => new()
    {
        ["status"] = "final",
        ["category"] = new JsonArray(FhirEntries.Hl7("observation-category", category)),
        ["code"] = code,
        ["subject"] = entries.Subject(),
        ["encounter"] = entries.Reference("encounter"),
        ["effectiveDateTime"] = entries.Now,
    };

    private static void Reports(FhirEntries entries)
    {
        foreach (var region in entries.Record.Encounter.Regions.Select(id => entries.Table.Regions[id]).Where(region => region.Loinc is not null))
        {
            var findings = entries.Record.Encounter.Findings.Select(id => entries.Table.Findings[id]).Where(finding => finding.Region == region.Id).DefaultIfEmpty(region.Normal);
            entries.Add("DiagnosticReport", $"report/{region.Id}", new JsonObject
            {
                ["status"] = "final",
                ["code"] = FhirEntries.Code(FhirEntries.Loinc, region.Loinc!, region.Names[entries.Record.Language]),
                ["subject"] = entries.Subject(),
                ["encounter"] = entries.Reference("encounter"),
                ["effectiveDateTime"] = entries.Now,
                ["conclusion"] = string.Join("; ", findings.Select(finding => finding.Term(entries.Record.Language))),
            });
        }
    }
}
