namespace Holi.Gateway.Ops.Doctor;

/// <summary>How grave a finding is; also the exit code of a doctor who found nothing graver.</summary>
public enum FindingLevel
{
    /// <summary>As it should be.</summary>
    Fine = 0,
    /// <summary>It works, and may hurt.</summary>
    Warning = 1,
    /// <summary>It does not work, or loses what was acknowledged.</summary>
    Problem = 2,
}

/// <summary>One thing that was looked at. No text of it holds a secret, or anything that a server said which may quote one.</summary>
/// <param name="Level">How grave.</param>
/// <param name="Subject">What was looked at, in a word or two.</param>
/// <param name="What">What was found.</param>
/// <param name="Why">Why it matters; null where all is well.</param>
/// <param name="Do">What to do; null where all is well.</param>
public sealed record Finding(FindingLevel Level, string Subject, string What, string? Why = null, string? Do = null)
{
    public static Finding Fine(string subject, string what) => new(FindingLevel.Fine, subject, what);

    public static Finding Warning(string subject, string what, string why, string @do) => new(FindingLevel.Warning, subject, what, why, @do);

    public static Finding Problem(string subject, string what, string why, string @do) => new(FindingLevel.Problem, subject, what, why, @do);
}
