using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Export.Fhir;

/// <summary>The entries of one bundle, and the few forms that all of them share.</summary>
internal sealed class FhirEntries(ClinicalTable table, SyntheticRecord record)
{
    public const string Loinc = "http://loinc.org", Icd10 = "http://hl7.org/fhir/sid/icd-10", Atc = "http://www.whocc.no/atc", Ucum = "http://unitsofmeasure.org",
        Snomed = "http://snomed.info/sct";

    private const string Terminology = "http://terminology.hl7.org/CodeSystem/";

    public ClinicalTable Table => table;

    public SyntheticRecord Record => record;

    public JsonArray All { get; } = [];

    /// <summary>The time of the encounter.</summary>
    public string Now { get; } = record.Encounter.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Adds a resource under a name that is its own in this bundle.</summary>
    public void Add(string type, string name, JsonObject content)
    {
        var id = IdOf(name);
        var resource = new JsonObject { ["resourceType"] = type, ["id"] = id, ["meta"] = TestData() };
        foreach (var (key, value) in content.ToList())
        {
            content.Remove(key);
            if (value is not null)
                resource[key] = value;
        }
        All.Add((JsonNode)new JsonObject { ["fullUrl"] = $"urn:uuid:{id}", ["resource"] = resource });
    }

    /// <summary>To a resource of this bundle.</summary>
    public JsonObject Reference(string name) => new() { ["reference"] = $"urn:uuid:{IdOf(name)}" };

    public JsonObject Subject() => Reference("patient");

    public static JsonObject Code(string system, string code, string display, string? text = null) => new()
    {
        ["coding"] = new JsonArray(new JsonObject { ["system"] = system, ["code"] = code, ["display"] = display }),
        ["text"] = text ?? display,
    };

    /// <summary>A code of HL7's own systems.</summary>
    public static JsonObject Hl7(string system, string code) => new()
    {
        ["coding"] = new JsonArray(new JsonObject { ["system"] = Terminology + system, ["code"] = code }),
    };

    public static JsonObject Quantity(decimal value, string unit) => new()
    {
        ["value"] = value,
        ["unit"] = unit,
        ["system"] = Ucum,
        ["code"] = unit,
    };

    public static JsonObject TestData() => new()
    {
        ["tag"] = new JsonArray(new JsonObject
        {
            ["system"] = Terminology + "v3-ActReason",
            ["code"] = "HTEST",
            ["display"] = "test health data",
        }),
    };

    /// <summary>A UUID that follows from the record's id and the resource's name.</summary>
    private string IdOf(string name)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{record.Id}/{name}"), hash);
        // Version 8 of RFC 9562: a UUID of the maker's own making.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }
}
