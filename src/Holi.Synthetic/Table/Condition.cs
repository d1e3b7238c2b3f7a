namespace Holi.Synthetic.Table;

/// <summary>One condition, all that the generator knows about it. README.md in this folder says what each line of the files means.</summary>
internal sealed record Condition
{
    public required string Id { get; init; }

    public required string Icd10 { get; init; }

    public required Words Names { get; init; }

    /// <summary>In years.</summary>
    public required Span Age { get; init; }

    /// <summary>Null: either.</summary>
    public Sex? Sex { get; init; }

    /// <summary>Null: either.</summary>
    public bool? IsPregnant { get; init; }

    /// <summary>Only people who smoke or did.</summary>
    public bool IsSmokers { get; init; }

    /// <summary>How often it is what somebody comes for, against the others.</summary>
    public required decimal Share { get; init; }

    /// <summary>Of 100 people of its age, how many have it beside what they come for; 0: not chronic.</summary>
    public int ChronicShare { get; init; }

    /// <summary>What somebody calls it who has had it for years; null where it is not chronic.</summary>
    public Words? Lay { get; init; }

    /// <summary>Its name in a list of problems, where that is not <see cref="Names"/>.</summary>
    public required Words ProblemNames { get; init; }

    public required string ProblemIcd10 { get; init; }

    /// <summary>What somebody who has it usually takes.</summary>
    public IReadOnlyList<TreatmentLine> Home { get; init; } = [];

    /// <summary>Days since it began.</summary>
    public required Span Onset { get; init; }

    /// <summary>It was found in an examination, nothing was felt.</summary>
    public bool IsCheckup { get; init; }

    public required IReadOnlyList<Likely> Symptoms { get; init; }

    /// <summary>What the doctor asks for and the patient denies.</summary>
    public required IReadOnlyList<string> Denied { get; init; }

    /// <summary>What it does to vital signs.</summary>
    public required IReadOnlyDictionary<string, Span> Vitals { get; init; }

    public Span? Bmi { get; init; }

    /// <summary>What it does to the estimated filtration rate.</summary>
    public Span? Kidneys { get; init; }

    /// <summary>Regions that the doctor looks at. Without an abnormal finding they are normal.</summary>
    public required IReadOnlyList<string> Examine { get; init; }

    public required IReadOnlyList<Likely> Findings { get; init; }

    public required IReadOnlyList<TestResult> Tests { get; init; }

    /// <summary>All of this must be there before anybody may say that it is this condition.</summary>
    public required IReadOnlyList<Evidence> Because { get; init; }

    /// <summary>One drug from each line, the first that this patient may have.</summary>
    public required IReadOnlyList<IReadOnlyList<TreatmentLine>> Treat { get; init; }

    public required IReadOnlyList<string> Advice { get; init; }

    /// <summary>Symptoms with which the patient must come back at once.</summary>
    public required IReadOnlyList<string> RedFlags { get; init; }

    /// <summary>Other conditions that were thought of.</summary>
    public required IReadOnlyList<string> Differential { get; init; }

    /// <summary><c>emergency</c> or a specialty; null: nobody else is needed.</summary>
    public string? Refer { get; init; }

    /// <summary>In days.</summary>
    public required Span FollowUp { get; init; }

    /// <summary>As the doctor explains it.</summary>
    public required Words Explain { get; init; }

    /// <summary>What a patient tells about it, two things.</summary>
    public required Wordings Story { get; init; }
}

/// <summary>A symptom or finding and how likely it is.</summary>
internal sealed record Likely(string Id, decimal Chance);

/// <summary>What a test comes to.</summary>
/// <param name="Outcome"><c>range</c>, <c>normal</c>, <c>positive</c> or <c>negative</c>.</param>
internal sealed record TestResult(string Measure, string Outcome, Span Range);

/// <summary>Something that must be so.</summary>
/// <param name="Kind"><c>present</c> (a symptom or finding), <c>high</c>, <c>low</c>, <c>normal</c>, <c>positive</c>, <c>negative</c>, <c>above</c>, <c>below</c>.</param>
internal sealed record Evidence(string Id, string Kind, decimal Value);

/// <summary>A drug as a condition's line gives it.</summary>
/// <param name="Dose">Of one dose, per kilogram where <paramref name="IsPerKilogram"/>.</param>
/// <param name="Days">Null: long term, or once.</param>
/// <param name="Most">Of one dose that goes by weight, whatever the weight; null: what the drug's range allows.</param>
/// <param name="Rank">0 is the best; of the same rank either may be taken.</param>
internal sealed record TreatmentLine(
    string Drug, Span Dose, string Unit, bool IsPerKilogram, string Route, Frequency Frequency, Span? Days, bool IsLongTerm, decimal? Most,
    int Rank = 0);

/// <summary>How often a drug is taken.</summary>
/// <param name="Kind"><c>once</c>, <c>every</c> (hours in <paramref name="Count"/>), <c>daily</c> (times a day in <paramref name="Count"/>), <c>night</c>, <c>weekly</c>.</param>
internal sealed record Frequency(string Kind, int Count, bool IsAsNeeded)
{
    /// <summary>At most so many doses in a day.</summary>
    public int DosesPerDay => Kind switch
    {
        "every" => 24 / Count,
        "daily" => Count,
        _ => 1,
    };
}
