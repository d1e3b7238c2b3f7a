using Holi.CoPilot.Notes;

namespace Holi.Synthetic.Checks;

/// <summary>Whether the turns could have been spoken.</summary>
internal static class TimesCheck
{
    // Beyond these nobody talks: words a minute of a turn that is long enough to be measured.
    private const double PaceLow = 60, PaceHigh = 260;
    private const int WordsToMeasure = 8;

    private const int SegmentsMin = 40, SegmentsMax = 200;

    private static readonly TimeSpan LengthMin = TimeSpan.FromMinutes(2.5), LengthMax = TimeSpan.FromMinutes(30);

    public static IEnumerable<Violation> Of(Subject subject)
    {
        var segments = subject.Record.Transcript.Segments;
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            if (segment.Index != i || !Speakers.All.Contains(segment.Speaker))
                yield return new Violation("times", $"turn {i} is numbered {segment.Index}, by {segment.Speaker}");
            if (segment.End <= segment.Start || i > 0 && segment.Start < segments[i - 1].End)
                yield return new Violation("times", $"turn {i} begins before the one before it has ended");
            var words = segment.Text.Split(' ').Length;
            var pace = words / (segment.End - segment.Start).TotalMinutes;
            if (words >= WordsToMeasure && pace is < PaceLow or > PaceHigh)
                yield return new Violation("times", $"turn {i} at {pace:F0} words a minute");
        }
        if (segments.Count is < SegmentsMin or > SegmentsMax)
            yield return new Violation("times", $"{segments.Count} turns");
        else if (segments[^1].End < LengthMin || segments[^1].End > LengthMax)
            yield return new Violation("times", $"{segments[^1].End.TotalMinutes:F1} minutes");
        if (subject.Encounter.Companion is null && segments.Any(segment => segment.Speaker == Speakers.Companion))
            yield return new Violation("times", "somebody speaks who is not there");
    }
}
