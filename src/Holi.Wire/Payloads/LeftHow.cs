namespace Holi.Wire.Payloads;

/// <summary>How a member ceased to be one (holi.v1.md §8.8).</summary>
public enum LeftHow : byte
{
    /// <summary>By someone else.</summary>
    Removed = 0,
    /// <summary>By their own wish.</summary>
    Left = 1,
}
