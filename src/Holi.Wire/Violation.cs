namespace Holi.Wire;

/// <summary>
/// A peer's mistake, as a value. The default is "none". <paramref name="Section"/> is the section of
/// protocol/holi.v1.md whose rule was broken; it is fixed text and never contains anything a peer sent.
/// </summary>
public readonly record struct Violation(HoliCode Code, string Section)
{
    /// <summary>No mistake.</summary>
    public static Violation None => default;

    /// <summary>True where nothing is wrong.</summary>
    public bool IsNone => Code == HoliCode.None;
}
