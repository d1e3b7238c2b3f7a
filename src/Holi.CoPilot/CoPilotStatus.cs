using Holi.CoPilot.Fallback;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot;

/// <summary>How the writing of notes fares. Nothing of a request is in it.</summary>
/// <param name="Route">In which order providers are asked, where a tenant has no other.</param>
/// <param name="Writing">Requests being written.</param>
/// <param name="Providers">In the operator's order.</param>
public sealed record CoPilotStatus(NoteRoute Route, int Writing, IReadOnlyList<ProviderStatus> Providers);

/// <summary>How one provider fares.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Model">Which is asked; null while it is not known.</param>
/// <param name="Circuit">closed: it is asked; open: it failed too often and is left alone; halfOpen: one call tries it.</param>
/// <param name="Last">What the last call or check came to: written, up, or why not; null before the first.</param>
/// <param name="LastAt">When that was.</param>
/// <param name="Answers">Calls since the start that gave a note.</param>
/// <param name="Failures">Calls since the start that did not.</param>
public sealed record ProviderStatus(
    string Name, ProviderPlace Place, string? Model, string Circuit, string? Last, DateTimeOffset? LastAt, long Answers, long Failures);
