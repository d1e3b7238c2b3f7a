// What the table knows, one record for each of its files. Conditions have a file of their own.

namespace Holi.Synthetic.Table;

/// <summary>What a patient feels.</summary>
internal sealed record Symptom(string Id, Wordings Wordings)
{
    /// <summary>For notes.</summary>
    public string Term(Language language) => Wordings[language][0];

    /// <summary>For questions and warnings.</summary>
    public string Name(Language language) => Wordings[language][1];

    /// <summary>As a patient says it.</summary>
    public IReadOnlyList<string> Says(Language language) => [.. Wordings[language].Skip(2)];
}

/// <summary>What a doctor finds. A normal one says that its region shows nothing.</summary>
internal sealed record Finding(string Id, string Region, bool IsNormal, Wordings Wordings, Bound? Needs)
{
    /// <summary>For notes.</summary>
    public string Term(Language language) => Wordings[language][0];

    /// <summary>As the doctor says it.</summary>
    public string Aloud(Language language) => Wordings[language][1];
}

/// <summary>Where a doctor looks: a part of the body, or a test whose report is the finding.</summary>
internal sealed record Region(string Id, string? Loinc, Words Names, Finding Normal, IReadOnlyList<Finding> Abnormal);

/// <summary>A vital sign or a laboratory test.</summary>
/// <param name="IsPresence">Its result is positive or negative.</param>
/// <param name="Limits">Outside of them nobody lives.</param>
internal sealed record Measure(
    string Id, string Loinc, string Unit, int Decimals, Span Male, Span Female, Span Limits, bool IsPresence, Words Names)
{
    /// <summary>The reference range.</summary>
    public Span Range(Sex sex) => sex == Sex.Female ? Female : Male;
}

/// <summary>A measured value at least or at most this.</summary>
internal sealed record Bound(string Measure, bool IsLeast, decimal Value)
{
    public bool Holds(decimal value) => IsLeast ? value >= Value : value <= Value;
}

/// <summary>How much of a drug is given.</summary>
/// <param name="Dose">Of one dose.</param>
/// <param name="DayMax">Of all doses of a day.</param>
internal sealed record DoseRange(Span Dose, decimal DayMax, string Unit);

/// <summary>A drug.</summary>
/// <param name="Atc">Its code in the Anatomical Therapeutic Chemical classification.</param>
/// <param name="Adult">From 12 years.</param>
/// <param name="Child">Per kilogram, under 12 years; null: not given then, unless it is put on the skin or breathed in.</param>
internal sealed record Drug(
    string Id, Words Names, string Atc, DoseRange Adult, DoseRange? Child, IReadOnlyList<Avoidance> Avoid, bool IsTopical, bool IsInhaled);

/// <summary>Who must not get a drug.</summary>
/// <param name="Kind"><c>pregnancy</c>, <c>egfr below</c>, <c>age below</c>, <c>age above</c>, <c>problem</c>, <c>with</c>.</param>
internal sealed record Avoidance(string Kind, decimal Number, string Text);

/// <summary>What somebody is allergic to.</summary>
/// <param name="Forbids">Prefixes of ATC codes.</param>
/// <param name="Severe">Forbidden as well after anaphylaxis.</param>
/// <param name="Share">Of 1000 people.</param>
internal sealed record Allergen(string Id, Words Names, IReadOnlyList<string> Forbids, IReadOnlyList<string> Severe, int Share);

/// <summary>What an allergy did.</summary>
internal sealed record Reaction(string Id, Words Names, bool IsSevere, int Share);

/// <summary>What is advised besides drugs.</summary>
/// <param name="Needs">Prefixes of ATC codes: it makes sense only beside such a drug. Empty: always.</param>
internal sealed record Advice(string Id, Wordings Wordings, IReadOnlyList<string> Needs)
{
    /// <summary>For notes.</summary>
    public string Term(Language language) => Wordings[language][0];

    /// <summary>As the doctor says it; may hold forms of address.</summary>
    public string Aloud(Language language) => Wordings[language][1];
}

/// <summary>In a person's record.</summary>
internal enum Sex
{
    Female,
    Male,
}
