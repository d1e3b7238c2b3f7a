namespace Holi.Load.Chaos.Faults;

/// <summary>One way to fail, struck and healed.</summary>
/// <param name="Name">As <c>--faults</c> names it.</param>
/// <param name="Row">Its row in the table of faults that Holi is proved against.</param>
/// <param name="Victim">What it strikes; no two faults strike one victim at a time.</param>
/// <param name="StrikeAsync">Makes it fail.</param>
/// <param name="HealAsync">Makes it whole again; returns once it is.</param>
/// <param name="Missing">What this machine lacks for it; null where it can be struck.</param>
internal sealed record Fault(
    string Name, int Row, string Victim, Func<CancellationToken, Task> StrikeAsync, Func<CancellationToken, Task> HealAsync, string? Missing = null);
