// A structural validator for what this generator writes of FHIR R4: required elements, cardinalities, value types, required value sets, references that
// resolve, and no element that the resource does not have. Written from the specification's resource tables, apart from the code that writes the bundles.

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Holi.Synthetic.Tests.Export;

/// <summary>An element of a resource: how often, of which type, from which codes.</summary>
internal sealed record Element(string Name, int Min, bool IsMany, string Type, string? Codes = null);

/// <summary>What R4 demands of the resources in a bundle.</summary>
internal static partial class FhirRules
{
    public static IReadOnlyDictionary<string, Element[]> Resources { get; } = new Dictionary<string, Element[]>
    {
        ["Patient"] =
        [
            new("identifier", 0, true, "Identifier"), new("active", 0, false, "boolean"), new("name", 0, true, "HumanName"), new("telecom", 0, true, "ContactPoint"),
            new("gender", 0, false, "code", "male|female|other|unknown"), new("birthDate", 0, false, "date"), new("address", 0, true, "Address"), new("communication", 0, true, "any"),
        ],
        ["Practitioner"] = [new("active", 0, false, "boolean"), new("name", 0, true, "HumanName"), new("gender", 0, false, "code", "male|female|other|unknown")],
        ["Encounter"] =
        [
            new("status", 1, false, "code", "planned|arrived|triaged|in-progress|onleave|finished|cancelled"), new("class", 1, false, "Coding"), new("subject", 0, false, "Patient"),
            new("participant", 0, true, "any"), new("period", 0, false, "Period"), new("diagnosis", 0, true, "any"),
        ],
        ["Condition"] =
        [
            new("clinicalStatus", 0, false, "CodeableConcept", "active|recurrence|relapse|inactive|remission|resolved"),
            new("verificationStatus", 0, false, "CodeableConcept", "unconfirmed|provisional|differential|confirmed|refuted|entered-in-error"),
            new("category", 0, true, "CodeableConcept"), new("code", 0, false, "CodeableConcept"), new("subject", 1, false, "Patient"), new("encounter", 0, false, "Encounter"),
            new("onsetDateTime", 0, false, "dateTime"), new("recordedDate", 0, false, "dateTime"),
        ],
        ["Observation"] =
        [
            new("status", 1, false, "code", "registered|preliminary|final|amended|corrected|cancelled|entered-in-error|unknown"), new("category", 0, true, "CodeableConcept"),
            new("code", 1, false, "CodeableConcept"), new("subject", 0, false, "Patient"), new("encounter", 0, false, "Encounter"), new("effectiveDateTime", 0, false, "dateTime"),
            new("valueQuantity", 0, false, "Quantity"), new("valueCodeableConcept", 0, false, "CodeableConcept"), new("interpretation", 0, true, "CodeableConcept"),
            new("referenceRange", 0, true, "any"), new("component", 0, true, "any"),
        ],
        ["DiagnosticReport"] =
        [
            new("status", 1, false, "code", "registered|partial|preliminary|final|amended|corrected|appended|cancelled|entered-in-error|unknown"), new("code", 1, false, "CodeableConcept"),
            new("subject", 0, false, "Patient"), new("encounter", 0, false, "Encounter"), new("effectiveDateTime", 0, false, "dateTime"), new("conclusion", 0, false, "string"),
        ],
        ["AllergyIntolerance"] =
        [
            new("clinicalStatus", 0, false, "CodeableConcept", "active|inactive|resolved"),
            new("verificationStatus", 0, false, "CodeableConcept", "unconfirmed|confirmed|refuted|entered-in-error"), new("criticality", 0, false, "code", "low|high|unable-to-assess"),
            new("code", 0, false, "CodeableConcept"), new("patient", 1, false, "Patient"), new("reaction", 0, true, "any"),
        ],
        ["MedicationStatement"] =
        [
            new("status", 1, false, "code", "active|completed|entered-in-error|intended|stopped|on-hold|unknown|not-taken"), new("medicationCodeableConcept", 1, false, "CodeableConcept"),
            new("subject", 1, false, "Patient"), new("effectiveDateTime", 0, false, "dateTime"), new("dosage", 0, true, "Dosage"),
        ],
        ["MedicationRequest"] =
        [
            new("status", 1, false, "code", "active|on-hold|cancelled|completed|entered-in-error|stopped|draft|unknown"),
            new("intent", 1, false, "code", "proposal|plan|order|original-order|reflex-order|filler-order|instance-order|option"),
            new("medicationCodeableConcept", 1, false, "CodeableConcept"), new("subject", 1, false, "Patient"), new("encounter", 0, false, "Encounter"),
            new("authoredOn", 0, false, "dateTime"), new("requester", 0, false, "Practitioner"), new("reasonReference", 0, true, "Condition"), new("dosageInstruction", 0, true, "Dosage"),
        ],
        ["ServiceRequest"] =
        [
            new("status", 1, false, "code", "draft|active|on-hold|revoked|completed|entered-in-error|unknown"),
            new("intent", 1, false, "code", "proposal|plan|directive|order|original-order|reflex-order|filler-order|instance-order|option"),
            new("priority", 0, false, "code", "routine|urgent|asap|stat"), new("code", 0, false, "CodeableConcept"), new("subject", 1, false, "Patient"),
            new("encounter", 0, false, "Encounter"), new("authoredOn", 0, false, "dateTime"), new("requester", 0, false, "Practitioner"), new("reasonReference", 0, true, "Condition"),
        ],
        ["CarePlan"] =
        [
            new("status", 1, false, "code", "draft|active|on-hold|revoked|completed|entered-in-error|unknown"), new("intent", 1, false, "code", "proposal|plan|order|option"),
            new("description", 0, false, "string"), new("subject", 1, false, "Patient"), new("encounter", 0, false, "Encounter"), new("created", 0, false, "dateTime"),
            new("author", 0, false, "Practitioner"), new("addresses", 0, true, "Condition"),
        ],
        ["DocumentReference"] =
        [
            new("status", 1, false, "code", "current|superseded|entered-in-error"), new("docStatus", 0, false, "code", "preliminary|final|amended|entered-in-error"),
            new("type", 0, false, "CodeableConcept"), new("subject", 0, false, "Patient"), new("date", 0, false, "instant"), new("author", 0, true, "Practitioner"),
            new("description", 0, false, "string"), new("content", 1, true, "any"), new("context", 0, false, "any"),
        ],
    };

    private static readonly string[] Systems =
    [
        "http://loinc.org", "http://hl7.org/fhir/sid/icd-10", "http://www.whocc.no/atc", "http://unitsofmeasure.org", "http://snomed.info/sct", "urn:ietf:bcp:47",
        "phone", "email", "https://holi.example.org/synthetic/record-number",
    ];

    /// <summary>One sentence for each thing that R4 does not allow.</summary>
    public static IEnumerable<string> Problems(JsonNode bundle)
    {
        if ((string?)bundle["resourceType"] != "Bundle" || (string?)bundle["type"] != "collection" || !Id().IsMatch((string?)bundle["id"] ?? ""))
            yield return "not a collection bundle with an id";
        var entries = bundle["entry"]!.AsArray();
        var types = new Dictionary<string, string>();
        foreach (var entry in entries)
        {
            var (url, type) = ((string)entry!["fullUrl"]!, (string)entry["resource"]!["resourceType"]!);
            if (!types.TryAdd(url, type))
                yield return $"{url} is there twice";
            if (url != $"urn:uuid:{entry["resource"]!["id"]}" || !Guid.TryParse(url["urn:uuid:".Length..], out _))
                yield return $"{url} is not the urn of its resource's id";
        }
        foreach (var problem in entries.SelectMany(entry => OfResource(entry!["resource"]!.AsObject(), types)).Concat(Everywhere(bundle, types)))
            yield return problem;
    }

    private static IEnumerable<string> OfResource(JsonObject resource, Dictionary<string, string> types)
    {
        var type = (string)resource["resourceType"]!;
        if (!Resources.TryGetValue(type, out var elements))
        {
            yield return $"{type} is no resource that is known here";
            yield break;
        }
        foreach (var unknown in resource.Select(member => member.Key).Except(elements.Select(element => element.Name)).Except(["resourceType", "id", "meta"]))
            yield return $"{type}.{unknown} is no element of R4";
        foreach (var element in elements)
        {
            var value = resource[element.Name];
            if (value is null)
            {
                if (element.Min > 0)
                    yield return $"{type}.{element.Name} is missing";
                continue;
            }
            if (value is JsonArray != element.IsMany || value is JsonArray { Count: 0 })
                yield return $"{type}.{element.Name} has the wrong cardinality";
            foreach (var one in value is JsonArray many ? many.ToList() : [value])
            {
                if (Wrong(one!, element, types) is { } wrong)
                    yield return $"{type}.{element.Name}: {wrong}";
            }
        }
    }

    private static string? Wrong(JsonNode value, Element element, Dictionary<string, string> types) => element.Type switch
    {
        "code" => element.Codes!.Split('|').Contains((string?)value) ? null : $"'{value}' is not of its value set",
        "boolean" => value.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False ? null : "no boolean",
        "date" => Date().IsMatch((string)value!) ? null : $"'{value}' is no date",
        "dateTime" or "instant" => (element.Type == "instant" ? Instant() : DateTimeForm()).IsMatch((string)value!) ? null : $"'{value}' is no {element.Type}",
        "string" => ((string)value!).Trim().Length > 0 ? null : "empty",
        "CodeableConcept" => value["coding"] is null && value["text"] is null ? "neither coded nor in words"
            : element.Codes is { } codes && !codes.Split('|').Contains((string?)value["coding"]![0]!["code"]) ? $"'{value["coding"]![0]!["code"]}' is not of its value set" : null,
        "Coding" => value["system"] is null || value["code"] is null ? "no system or no code" : null,
        "Quantity" => value["value"] is null || (string?)value["system"] != "http://unitsofmeasure.org" || value["code"] is null ? "no quantity in UCUM" : null,
        "Dosage" => value["doseAndRate"]?[0]?["doseQuantity"]?["value"] is null || value["route"] is null || value["timing"]?["repeat"] is null ? "no dose, route or timing" : null,
        "Identifier" => value["system"] is null || value["value"] is null ? "no system or no value" : null,
        "HumanName" => value["family"] is null && value["text"] is null ? "no name" : null,
        "Patient" or "Practitioner" or "Encounter" or "Condition" => types.GetValueOrDefault((string?)value["reference"] ?? "") == element.Type ? null : $"does not refer to a {element.Type}",
        _ => null,
    };

    /// <summary>What holds wherever it stands: references resolve, systems are known, nothing is empty.</summary>
    private static IEnumerable<string> Everywhere(JsonNode? node, Dictionary<string, string> types)
    {
        switch (node)
        {
            case JsonObject { Count: 0 } or JsonArray { Count: 0 } or null:
                yield return $"something empty at {node?.GetPath()}";
                break;
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    if (name == "reference" && !types.ContainsKey((string)value!))
                        yield return $"{value} refers to nothing in the bundle";
                    if (name == "system" && !Systems.Contains((string)value!) && !((string)value!).StartsWith("http://terminology.hl7.org/CodeSystem/", StringComparison.Ordinal))
                        yield return $"{value} is no known system";
                    if (name == "value" && members["system"] is not null && value!.GetValueKind() == System.Text.Json.JsonValueKind.Number && (decimal)value < 0)
                        yield return $"{value} is less than nothing";
                    foreach (var problem in Everywhere(value, types))
                        yield return problem;
                }
                break;
            case JsonArray all:
                foreach (var problem in all.SelectMany(one => Everywhere(one, types)))
                    yield return problem;
                break;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9\-.]{1,64}$")]
    private static partial Regex Id();

    [GeneratedRegex(@"^\d{4}(-\d{2}(-\d{2})?)?$")]
    private static partial Regex Date();

    [GeneratedRegex(@"^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?$")]
    private static partial Regex DateTimeForm();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$")]
    private static partial Regex Instant();
}
