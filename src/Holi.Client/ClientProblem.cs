using Holi.Wire;

namespace Holi.Client;

/// <summary>Something for the app's log. Never content, never a token.</summary>
/// <param name="Code">None where it is not about the protocol.</param>
/// <param name="Words">Fixed words.</param>
/// <param name="Exception">What a callback or the disk threw; null elsewhere.</param>
public sealed record ClientProblem(HoliCode Code, string Words, Exception? Exception = null);
