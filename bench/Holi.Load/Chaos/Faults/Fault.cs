namespace Holi.Load.Chaos.Faults;

/// <summary>One way to fail, struck and healed.</summary>
/// <param name="Name">As <c>--faults</c> names it; one of <see cref="FaultTable.Kinds"/>.</param>
/// <param name="Victim">What it strikes; no two faults strike one victim at a time.</param>
/// <param name="StrikeAsync">Makes it fail.</param>
/// <param name="HealAsync">Makes it whole again; returns once it is.</param>
internal sealed record Fault(string Name, string Victim, Func<CancellationToken, Task> StrikeAsync, Func<CancellationToken, Task> HealAsync)
{
    /// <summary>What this machine lacks for it; null where it can be struck.</summary>
    public string? Missing { get; init; }

    /// <summary>True where it is whole again only with what it leans on: those are struck after it and healed before.</summary>
    public bool LeansOnOthers { get; init; }

    /// <summary>True where it would outlast every process of the run: healed however that ends.</summary>
    public bool Outlasts { get; init; }

    /// <summary>One that takes no time.</summary>
    public static Fault Now(string name, string victim, Action strike, Action heal) => new(
        name, victim,
        _ =>
        {
            strike();
            return Task.CompletedTask;
        },
        _ =>
        {
            heal();
            return Task.CompletedTask;
        });
}
