namespace Holi.Wire;

/// <summary>Priority classes of frames, highest first (holi.v1.md §5.1).</summary>
public enum Lane : byte
{
    /// <summary>Hello, Ping, Token, Credit …</summary>
    Control = 0,
    /// <summary>Critical alerts.</summary>
    Urgent = 1,
    /// <summary>Chat, receipts, typing.</summary>
    Interactive = 2,
    /// <summary>Live audio; under credit.</summary>
    Audio = 3,
    /// <summary>Catch-up, history, sync; under credit.</summary>
    Bulk = 4,
}
