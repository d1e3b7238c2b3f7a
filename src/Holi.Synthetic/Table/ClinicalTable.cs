namespace Holi.Synthetic.Table;

/// <summary>All that the generator knows about medicine, as its files say it. Never changes after it is read.</summary>
internal sealed class ClinicalTable
{
    private static readonly Lazy<ClinicalTable> Embedded = new(TableReader.ReadEmbedded);

    /// <summary>The table that is part of this program.</summary>
    public static ClinicalTable Current => Embedded.Value;

    public required IReadOnlyDictionary<string, Symptom> Symptoms { get; init; }

    /// <summary>In the order in which a doctor examines.</summary>
    public required IReadOnlyDictionary<string, Region> Regions { get; init; }

    /// <summary>Abnormal ones, and each region's normal one as <c>normal-REGION</c>.</summary>
    public required IReadOnlyDictionary<string, Finding> Findings { get; init; }

    public required IReadOnlyDictionary<string, Measure> Vitals { get; init; }

    public required IReadOnlyDictionary<string, Measure> Labs { get; init; }

    public required IReadOnlyDictionary<string, Drug> Drugs { get; init; }

    public required IReadOnlyDictionary<string, Allergen> Allergens { get; init; }

    public required IReadOnlyDictionary<string, Reaction> Reactions { get; init; }

    public required IReadOnlyDictionary<string, Advice> Advice { get; init; }

    /// <summary>In the order of the files' names, then as they stand in them.</summary>
    public required IReadOnlyDictionary<string, Condition> Conditions { get; init; }

    /// <summary>A vital sign or laboratory test.</summary>
    public Measure Measure(string id) => Vitals.TryGetValue(id, out var vital) ? vital : Labs[id];
}
