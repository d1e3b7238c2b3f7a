// A FHIR R4 bundle of type "collection" for each patient: everything that is known of one encounter. Ids follow from the record's id, so the same record
// gives the same bundle. All of it is tagged as test data (the code HTEST), so that no system takes it for a person.

using System.Text.Json.Nodes;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Export.Fhir;

/// <summary>Makes a bundle from a record.</summary>
internal static class FhirBundle
{
    public static JsonObject Of(SyntheticRecord record) => Of(ClinicalTable.Current, record);

    public static JsonObject Of(ClinicalTable table, SyntheticRecord record)
    {
        var entries = new FhirEntries(table, record);
        FhirPeople.AddTo(entries);
        FhirFindings.AddTo(entries);
        FhirTreatment.AddTo(entries);
        return new JsonObject
        {
            ["resourceType"] = "Bundle",
            ["id"] = record.Id,
            ["meta"] = FhirEntries.TestData(),
            ["type"] = "collection",
            ["timestamp"] = entries.Now,
            ["entry"] = entries.All,
        };
    }
}
