using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Holi.Synthetic.Export.Fhir;

/// <summary>Patient, Practitioner, Encounter, and the note as a DocumentReference.</summary>
internal static class FhirPeople
{
    public static void AddTo(FhirEntries entries)
    {
        Patient(entries);
        Practitioner(entries);
        Encounter(entries);
        Note(entries);
    }

    private static void Patient(FhirEntries entries)
    {
        var patient = entries.Record.Patient;
        entries.Add("Patient", "patient", new JsonObject
        {
            ["identifier"] = new JsonArray(new JsonObject { ["system"] = "https://holi.example.org/synthetic/record-number", ["value"] = patient.RecordNumber }),
            ["active"] = true,
            ["name"] = new JsonArray(new JsonObject { ["use"] = "official", ["family"] = patient.FamilyName, ["given"] = new JsonArray(patient.GivenName) }),
            ["telecom"] = new JsonArray(
                new JsonObject { ["system"] = "phone", ["value"] = patient.Phone },
                new JsonObject { ["system"] = "email", ["value"] = patient.Email }),
            ["gender"] = patient.Sex,
            ["birthDate"] = patient.BirthDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["address"] = new JsonArray(new JsonObject
            {
                ["line"] = new JsonArray(patient.Address.Line),
                ["city"] = patient.Address.City,
                ["state"] = patient.Address.State,
                ["postalCode"] = patient.Address.PostalCode,
                ["country"] = patient.Address.Country,
            }),
            ["communication"] = new JsonArray(new JsonObject
            {
                ["language"] = new JsonObject { ["coding"] = new JsonArray(new JsonObject { ["system"] = "urn:ietf:bcp:47", ["code"] = patient.Language }) },
                ["preferred"] = true,
            }),
        });
    }

    private static void Practitioner(FhirEntries entries) => entries.Add("Practitioner", "doctor", new JsonObject
    {
        ["active"] = true,
        ["name"] = new JsonArray(new JsonObject { ["family"] = entries.Record.Encounter.DoctorFamilyName, ["prefix"] = new JsonArray("Dr.") }),
        ["gender"] = entries.Record.Encounter.DoctorSex,
    });

    private static void Encounter(FhirEntries entries)
    {
        var length = entries.Record.Transcript.Segments[^1].End;
        entries.Add("Encounter", "encounter", new JsonObject
        {
            ["status"] = "finished",
            ["class"] = new JsonObject { ["system"] = "http://terminology.hl7.org/CodeSystem/v3-ActCode", ["code"] = "AMB", ["display"] = "ambulatory" },
            ["subject"] = entries.Subject(),
            ["participant"] = new JsonArray(new JsonObject { ["individual"] = entries.Reference("doctor") }),
            ["period"] = new JsonObject
            {
                ["start"] = entries.Now,
                ["end"] = (entries.Record.Encounter.At + TimeSpan.FromSeconds(Math.Ceiling(length.TotalSeconds))).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            },
            ["diagnosis"] = new JsonArray(new JsonObject { ["condition"] = entries.Reference("diagnosis") }),
        });
    }

    private static void Note(FhirEntries entries) => entries.Add("DocumentReference", "note", new JsonObject
    {
        ["status"] = "current",
        ["docStatus"] = "preliminary",
        ["type"] = FhirEntries.Code(FhirEntries.Loinc, "11506-3", "Progress note"),
        ["subject"] = entries.Subject(),
        ["date"] = entries.Now,
        ["author"] = new JsonArray(entries.Reference("doctor")),
        ["description"] = "Reference note, made from the clinical state of a synthetic record",
        ["content"] = new JsonArray(new JsonObject
        {
            ["attachment"] = new JsonObject
            {
                ["contentType"] = "text/plain; charset=utf-8",
                ["language"] = entries.Record.Patient.Language,
                ["data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(ChatLines.Text(entries.Record.Reference))),
            },
        }),
        ["context"] = new JsonObject { ["encounter"] = new JsonArray(entries.Reference("encounter")) },
    });
}
