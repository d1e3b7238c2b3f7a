namespace Holi.Gateway.Ops.Doctor;

/// <summary>Writes findings as they come, and counts them.</summary>
internal sealed class DoctorReport(TextWriter output)
{
    private const int LabelWidth = 9, SubjectWidth = 14;

    private readonly int[] _counts = new int[3];

    public void Add(Finding finding)
    {
        _counts[(int)finding.Level]++;
        var label = finding.Level switch { FindingLevel.Fine => "ok", FindingLevel.Warning => "warning", _ => "PROBLEM" };
        Line(label, finding.Subject, finding.What);
        if (finding.Why is { } why)
            Line("", "  why", why);
        if (finding.Do is { } remedy)
            Line("", "  do", remedy);
    }

    /// <summary>What goes wrong while somebody looks is a finding, too: the rest is still looked at.</summary>
    public async Task AddAsync(string subject, IAsyncEnumerable<Finding> findings)
    {
        try
        {
            await foreach (var finding in findings)
                Add(finding);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Add(Finding.Problem(
                subject, $"could not be looked at to the end ({fault.GetType().Name})", "something is as nobody expected", "look into its own log, and tell us"));
        }
    }

    /// <summary>Says how many of each, and gives the exit code.</summary>
    public int End()
    {
        var (warnings, problems) = (_counts[(int)FindingLevel.Warning], _counts[(int)FindingLevel.Problem]);
        output.WriteLine();
        output.WriteLine(problems + warnings == 0 ? "Nothing to fix." : $"To fix: {Count(problems, "problem")}, {Count(warnings, "warning")}.");
        return (int)(problems > 0 ? FindingLevel.Problem : warnings > 0 ? FindingLevel.Warning : FindingLevel.Fine);
    }

    private static string Count(int count, string word) => count == 1 ? $"1 {word}" : $"{count} {word}s";

    private void Line(string label, string subject, string text) =>
        output.WriteLine($"{label.PadRight(LabelWidth)}{subject.PadRight(SubjectWidth)}{text}");
}
