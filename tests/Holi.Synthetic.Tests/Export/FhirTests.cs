using System.Text.Json.Nodes;
using Holi.Synthetic.Export.Fhir;
using Holi.Synthetic.Records;

namespace Holi.Synthetic.Tests.Export;

public sealed class FhirTests
{
    private static readonly Recipe Mix = Recipe.Of(8, "mix");

    [Fact]
    public void Every_bundle_has_the_structure_of_R4()
    {
        for (var number = 0; number < 400; number++)
            FhirRules.Problems(Bundle(number)).ShouldBeEmpty($"record {number}");
    }

    [Fact]
    public void The_same_record_gives_the_same_bundle() => Bundle(3).ToJsonString().ShouldBe(Bundle(3).ToJsonString());

    [Fact]
    public void Every_resource_is_tagged_as_test_data() =>
        Bundle(1)["entry"]!.AsArray().ShouldAllBe(entry => (string?)entry!["resource"]!["meta"]!["tag"]![0]!["code"] == "HTEST");

    [Fact]
    public void What_the_record_holds_is_in_the_bundle()
    {
        for (var number = 0; number < 50; number++)
        {
            var record = RecordMaker.Make(Mix, number);
            var types = Bundle(number)["entry"]!.AsArray().Select(entry => (string)entry!["resource"]!["resourceType"]!).ToList();
            types.Count(type => type == "MedicationRequest").ShouldBe(record.Encounter.Plan.Count);
            types.Count(type => type == "MedicationStatement").ShouldBe(record.Patient.Medications.Count);
            types.Count(type => type == "AllergyIntolerance").ShouldBe(record.Patient.Allergies.Count);
            types.Count(type => type == "Condition").ShouldBe(record.Patient.Problems.Count + 1);
            types.Count(type => type == "Observation").ShouldBe(record.Patient.Labs.Count + record.Patient.Vitals.Count - 1);
        }
    }

    public static TheoryData<string> Breakages() => ["no subject", "no status", "a status of another set", "a reference to nothing", "an element that R4 does not have", "one where many belong", "an unknown system", "a bad date"];

    [Theory]
    [MemberData(nameof(Breakages))]
    public void A_broken_bundle_is_found(string breakage)
    {
        var bundle = Bundle(0);
        var condition = bundle["entry"]!.AsArray().Select(entry => entry!["resource"]!.AsObject()).First(resource => (string?)resource["resourceType"] == "Condition");
        var encounter = bundle["entry"]!.AsArray().Select(entry => entry!["resource"]!.AsObject()).First(resource => (string?)resource["resourceType"] == "Encounter");
        switch (breakage)
        {
            case "no subject": condition.Remove("subject"); break;
            case "no status": encounter.Remove("status"); break;
            case "a status of another set": encounter["status"] = "done"; break;
            case "a reference to nothing": condition["subject"]!["reference"] = "urn:uuid:00000000-0000-4000-8000-000000000000"; break;
            case "an element that R4 does not have": condition["sujbect"] = "x"; break;
            case "one where many belong": condition["category"] = new JsonObject { ["text"] = "x" }; break;
            case "an unknown system": condition["code"]!["coding"]![0]!["system"] = "http://icd"; break;
            default: condition["onsetDateTime"] = "yesterday"; break;
        }
        FhirRules.Problems(bundle).ShouldNotBeEmpty();
    }

    // Through text and back, as a reader of the file gets it.
    private static JsonNode Bundle(int number) => JsonNode.Parse(FhirBundle.Of(RecordMaker.Make(Mix, number)).ToJsonString())!;
}
