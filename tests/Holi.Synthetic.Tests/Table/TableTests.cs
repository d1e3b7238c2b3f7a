using Holi.Synthetic.Table;

namespace Holi.Synthetic.Tests.Table;

public sealed class TableTests
{
    private static readonly ClinicalTable Known = ClinicalTable.Current;

    [Fact]
    public void The_table_agrees_with_itself() => TableCheck.Problems(Known).ShouldBeEmpty();

    [Fact]
    public void The_table_has_at_least_forty_conditions_of_all_ages_and_both_sexes()
    {
        Known.Conditions.Count.ShouldBeGreaterThanOrEqualTo(40);
        Known.Conditions.Values.ShouldContain(condition => condition.Age.Low < 12);
        Known.Conditions.Values.ShouldContain(condition => condition.Age.High > 80);
        Known.Conditions.Values.ShouldContain(condition => condition.Sex == Sex.Female);
        Known.Conditions.Values.ShouldContain(condition => condition.Sex == Sex.Male);
        Known.Conditions.Values.ShouldContain(condition => condition.IsPregnant == true);
        Known.Conditions.Values.Select(condition => condition.Icd10).Distinct().Count().ShouldBe(Known.Conditions.Count);
    }

    [Fact]
    public void Every_condition_can_be_explained_examined_and_told_apart() =>
        Known.Conditions.Values.ShouldAllBe(condition =>
            condition.Examine.Count > 0 && condition.Because.Count > 0 && condition.Differential.Count >= 2 && condition.RedFlags.Count >= 2 && condition.Advice.Count > 0);

    [Fact]
    public void Every_chronic_condition_has_a_name_that_people_use() =>
        Known.Conditions.Values.Where(condition => condition.ChronicShare > 0).ShouldAllBe(condition => condition.Lay != null);

    [Fact]
    public void Nothing_in_the_table_is_left_over()
    {
        var conditions = Known.Conditions.Values;
        var drugs = conditions.SelectMany(condition => condition.Treat.SelectMany(lines => lines).Concat(condition.Home)).Select(line => line.Drug);
        Known.Drugs.Keys.Except(drugs).ShouldBeEmpty();
        var symptoms = conditions.SelectMany(condition => condition.Symptoms.Select(symptom => symptom.Id).Concat(condition.Denied).Concat(condition.RedFlags));
        Known.Symptoms.Keys.Except(symptoms).ShouldBeEmpty();
        Known.Advice.Keys.Except(conditions.SelectMany(condition => condition.Advice)).ShouldBeEmpty();
        var findings = conditions.SelectMany(condition => condition.Findings).Select(finding => finding.Id);
        Known.Findings.Values.Where(finding => !finding.IsNormal).Select(finding => finding.Id).Except(findings).ShouldBeEmpty();
    }

    [Fact]
    public void Every_drug_that_an_allergy_forbids_is_a_class_of_the_table() =>
        Known.Allergens.Values.SelectMany(allergen => allergen.Forbids).Where(atc => atc is not ("J01MA" or "S01AE" or "N02BA" or "C09B" or "R05DA"))
            .ShouldAllBe(atc => Known.Drugs.Values.Any(drug => drug.Atc.StartsWith(atc, StringComparison.Ordinal)));

    [Theory]
    [InlineData("2823-3", true)]
    [InlineData("98979-8", true)]
    [InlineData("2823-4", false)]
    [InlineData("2832-3", false)]
    [InlineData("potassium", false)]
    public void A_mistyped_LOINC_code_is_noticed(string code, bool isRight) => TableCheck.IsLoinc(code).ShouldBe(isRight);

    [Theory]
    [InlineData("amoxicillin 500-1000 mg oral every 8 h as needed for 5-7 days", "amoxicillin", 500, 1000, "every")]
    [InlineData("nitroglycerin 0.4 mg sublingual once as needed long term", "nitroglycerin", 0.4, 0.4, "once")]
    [InlineData("cetirizine 0.25 mg/kg oral at night for 14 days", "cetirizine", 0.25, 0.25, "night")]
    public void A_line_of_treatment_reads_as_in_a_textbook(string text, string drug, decimal low, decimal high, string frequency)
    {
        var line = TreatmentText.Parse(text, TableNode.Parse("a file", "a: b")).ShouldHaveSingleItem();
        line.Drug.ShouldBe(drug);
        line.Dose.ShouldBe(new Span(low, high));
        line.Frequency.Kind.ShouldBe(frequency);
    }

    [Fact]
    public void Alternatives_are_as_good_or_only_for_those_who_must_not_have_the_first()
    {
        var lines = TreatmentText.Parse(
            "cetirizine 10 mg oral once a day for 30 days or loratadine 10 mg oral once a day for 30 days | cetirizine 0.25 mg/kg to 10 mg oral once a day for 14 days",
            TableNode.Parse("a file", "a: b"));
        lines.Select(line => line.Rank).ShouldBe([0, 0, 1]);
        lines[2].Most.ShouldBe(10);
    }

    [Theory]
    [InlineData("amoxicillin oral every 8 h")]
    [InlineData("amoxicillin 500 spoons oral every 8 h for 7 days")]
    [InlineData("amoxicillin 500 mg oral every 5 h for 7 days")]
    public void A_line_of_treatment_that_is_none_is_refused_with_file_and_line(string text) =>
        Should.Throw<TableException>(() => TreatmentText.Parse(text, TableNode.Parse("conditions.yaml", "a: b"))).Message.ShouldStartWith("conditions.yaml:1: ");

    [Fact]
    public void A_key_that_nobody_knows_is_refused_with_file_and_line()
    {
        var node = TableNode.Parse("labs.yaml", "loinc: 2823-3\nrnage: 3-5\n");
        node.Text("loinc");
        Should.Throw<TableException>(node.Done).Message.ShouldContain("rnage");
    }

    [Fact]
    public void A_condition_that_names_what_is_not_there_is_noticed()
    {
        var broken = Known.Conditions["pneumonia"] with { Denied = ["hemoptysis", "no-such-symptom"] };
        Problems(broken).ShouldContain("pneumonia: no symptom 'no-such-symptom'.");
    }

    [Fact]
    public void A_reason_that_need_not_be_there_is_noticed()
    {
        var pneumonia = Known.Conditions["pneumonia"];
        var broken = pneumonia with { Symptoms = [.. pneumonia.Symptoms.Select(symptom => symptom.Id == "cough" ? symptom with { Chance = 0.5m } : symptom)] };
        Problems(broken).ShouldContain("pneumonia: 'cough' is a reason and need not be there.");
    }

    [Fact]
    public void A_dose_beyond_its_drugs_range_is_noticed()
    {
        var pneumonia = Known.Conditions["pneumonia"];
        var line = pneumonia.Treat[0][0] with { Dose = new Span(1000, 4000) };
        Problems(pneumonia with { Treat = [[line]] }).ShouldContain("pneumonia: the dose of amoxicillin is out of its range.");
    }

    private static List<string> Problems(Condition condition)
    {
        var conditions = new OrderedDictionary<string, Condition>(Known.Conditions.Select(one => one.Key == condition.Id ? new(one.Key, condition) : one));
        return [.. TableCheck.Problems(new ClinicalTable
        {
            Symptoms = Known.Symptoms, Regions = Known.Regions, Findings = Known.Findings, Vitals = Known.Vitals, Labs = Known.Labs, Drugs = Known.Drugs,
            Allergens = Known.Allergens, Reactions = Known.Reactions, Advice = Known.Advice, Conditions = conditions,
        })];
    }
}
