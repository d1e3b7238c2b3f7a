using Holi.Wire;

namespace Holi.Client.Engine;

/// <summary>Why the engine ends a connection itself.</summary>
/// <param name="Code">Decides, by its range, what comes next; as if the gateway had closed with it.</param>
/// <param name="Words">For the person and the log: fixed text, never content.</param>
internal sealed record Ending(HoliCode Code, string Words)
{
    public static Ending Of(Violation violation) =>
        new(violation.Code, $"The gateway broke holi.v1 §{violation.Section}.");
}
