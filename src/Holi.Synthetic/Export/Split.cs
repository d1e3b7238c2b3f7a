namespace Holi.Synthetic.Export;

/// <summary>Which part of a training set a patient belongs to. It hangs on the patient alone, so no patient is ever in two parts, whatever else is exported.</summary>
internal static class Split
{
    public const string Train = "train", Validation = "validation", Test = "test";

    public static IReadOnlyList<string> All { get; } = [Train, Validation, Test];

    /// <summary>80, 10 and 10 of 100.</summary>
    public static string Of(string patientId)
    {
        // FNV-1a, with its bits mixed once more: the ids differ only in their last digits.
        var hash = 0xCBF29CE484222325UL;
        foreach (var letter in patientId)
            hash = unchecked((hash ^ letter) * 0x100000001B3UL);
        hash ^= hash >> 32;
        return (hash % 10) switch { 8 => Validation, 9 => Test, _ => Train };
    }
}
