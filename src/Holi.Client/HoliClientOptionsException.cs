namespace Holi.Client;

/// <summary>Options that cannot work, all of them named.</summary>
public sealed class HoliClientOptionsException : ArgumentException
{
    internal HoliClientOptionsException(IReadOnlyList<string> problems)
        : base("The options cannot work: " + string.Join(" ", problems)) => Problems = problems;

    /// <summary>One sentence for each.</summary>
    public IReadOnlyList<string> Problems { get; }
}
