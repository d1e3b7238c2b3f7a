using Holi.Synthetic.Commands;
using Holi.Synthetic.Records;
using Holi.Synthetic.Table;

namespace Holi.Synthetic.Report;

/// <summary>Counts what the report shows, record by record, and keeps a few as samples.</summary>
internal sealed class ReportTally
{
    private const int SamplesPerLanguage = 3;

    private readonly SortedDictionary<string, List<SyntheticRecord>> _samples = new(StringComparer.Ordinal);

    public CheckTally Checks { get; } = new();

    public Counter Languages { get; } = new();

    public Counter Conditions { get; } = new();

    public Counter Drugs { get; } = new();

    public Counter Allergies { get; } = new();

    public Counter Problems { get; } = new();

    public Counter Labs { get; } = new();

    public Counter WrittenBy { get; } = new();

    /// <summary>Decades of women and of men.</summary>
    public SortedDictionary<int, (int Women, int Men)> Ages { get; } = [];

    public Histogram Systolic { get; } = new(90, 180, 10);

    public Histogram Temperature { get; } = new(36, 40, 0.25m);

    public Histogram HeartRate { get; } = new(50, 135, 5);

    public Histogram Bmi { get; } = new(12, 40, 2);

    public Histogram Turns { get; } = new(40, 160, 8);

    public Histogram Minutes { get; } = new(2, 16, 1);

    public Histogram Words { get; } = new(200, 1500, 100);

    public Histogram Filtration { get; } = new(25, 130, 7);

    public IEnumerable<SyntheticRecord> Samples => _samples.Values.SelectMany(samples => samples);

    public string? Generator { get; private set; }

    public string? Seeds { get; private set; }

    public void Add(RecordRow row)
    {
        var record = RecordRows.Record(row);
        var metadata = RecordRows.Metadata(row);
        Generator = metadata.Generator;
        Seeds ??= string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{metadata.Seed}");
        Checks.Add(record);
        Count(record);
        if (RecordRows.Written(row) is { } written)
            WrittenBy.Add(written.Provenance.Source.ToString());
        Sample(record);
    }

    private void Count(SyntheticRecord record)
    {
        var patient = record.Patient;
        decimal Vital(string measure) => patient.Vitals.First(vital => vital.Measure == measure).Value!.Value;
        Languages.Add(record.Language.ToString());
        Conditions.Add(ClinicalTable.Current.Conditions[record.Encounter.Condition].Names.English);
        foreach (var one in record.Encounter.Plan)
            Drugs.Add(ClinicalTable.Current.Drugs[one.Drug].Names.English);
        foreach (var allergy in patient.Allergies)
            Allergies.Add(ClinicalTable.Current.Allergens[allergy.Allergen].Names.English);
        foreach (var problem in patient.Problems)
            Problems.Add(ClinicalTable.Current.Conditions[problem.Condition].ProblemNames.English);
        foreach (var lab in patient.Labs)
            Labs.Add(lab.Flag switch { "H" => "high", "L" => "low", "A" => "positive", _ => "normal or negative" });
        var (women, men) = Ages.GetValueOrDefault(patient.Age / 10 * 10);
        Ages[patient.Age / 10 * 10] = patient.Sex == "female" ? (women + 1, men) : (women, men + 1);
        Systolic.Add(Vital("systolic"));
        Temperature.Add(Vital("temperature"));
        HeartRate.Add(Vital("heart-rate"));
        Bmi.Add(patient.Bmi);
        if (patient.Egfr is { } egfr)
            Filtration.Add(egfr);
        Turns.Add(record.Transcript.Segments.Count);
        Minutes.Add((decimal)record.Transcript.Segments[^1].End.TotalMinutes);
        Words.Add(record.Transcript.Segments.Sum(segment => segment.Text.Split(' ').Length));
    }

    /// <summary>The first of each language that are of different conditions.</summary>
    private void Sample(SyntheticRecord record)
    {
        if (!_samples.TryGetValue(record.Patient.Language, out var samples))
            _samples.Add(record.Patient.Language, samples = []);
        if (samples.Count < SamplesPerLanguage && samples.TrueForAll(sample => sample.Encounter.Condition != record.Encounter.Condition))
            samples.Add(record);
    }
}

/// <summary>How often something was seen.</summary>
internal sealed class Counter
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The most frequent first.</summary>
    public IReadOnlyList<(string Name, int Count)> Ranked =>
        [.. _counts.Select(one => (one.Key, one.Value)).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal)];

    public int Kinds => _counts.Count;

    public int Total => _counts.Values.Sum();

    public void Add(string name) => _counts[name] = _counts.GetValueOrDefault(name) + 1;
}

/// <summary>Counts in bins of equal width; what is beyond the ends is in the first or last.</summary>
internal sealed class Histogram(decimal low, decimal high, decimal width)
{
    private readonly int[] _bins = new int[(int)Math.Ceiling((high - low) / width)];
    private decimal _sum;

    public decimal Low => low;

    public decimal Width => width;

    public IReadOnlyList<int> Bins => _bins;

    public int Count { get; private set; }

    public decimal Mean => Count == 0 ? 0 : _sum / Count;

    public void Add(decimal value)
    {
        _bins[Math.Clamp((int)Math.Floor((value - low) / width), 0, _bins.Length - 1)]++;
        _sum += value;
        Count++;
    }
}
