using Holi.Wire;

namespace Holi.Client;

/// <summary>What <see cref="Conversation.LoadHistoryAsync"/> brought into the replica.</summary>
/// <param name="Count">Events.</param>
/// <param name="Oldest">The lowest offset among them: ask on with it as <c>before</c>; 0: none came.</param>
/// <param name="IsLast">Nothing visible is older.</param>
public sealed record HistoryPage(int Count, ulong Oldest, bool IsLast);

/// <summary>The gateway could not be asked, or would not answer.</summary>
public sealed class HistoryUnavailableException : Exception
{
    internal HistoryUnavailableException(HoliCode code)
        : base(code == HoliCode.Busy
            ? "Older events cannot be had now: there is no connection, or too many requests are under way."
            : $"Older events cannot be had ({(int)code}).") => Code = code;

    /// <summary>Busy: try again later; others as in the protocol's table.</summary>
    public HoliCode Code { get; }
}
