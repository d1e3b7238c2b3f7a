namespace Holi.Wire.Payloads;

/// <summary>What stands next in a payload.</summary>
public enum PayloadKind : byte
{
    /// <summary>Nothing: the array or map is over, or the payload breaks a rule.</summary>
    End,
    /// <summary>Nil, which means absent.</summary>
    Nil,
    /// <summary>A boolean.</summary>
    Boolean,
    /// <summary>An integer from −2⁶³ to 2⁶⁴ − 1.</summary>
    Whole,
    /// <summary>A float of 32 or 64 bits.</summary>
    Real,
    /// <summary>Text.</summary>
    Text,
    /// <summary>Bytes.</summary>
    Binary,
    /// <summary>An array.</summary>
    Array,
    /// <summary>A map.</summary>
    Map,
}
