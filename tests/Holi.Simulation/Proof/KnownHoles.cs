namespace Holi.Simulation.Proof;

/// <summary>What the simulator found and nobody has mended yet. A run overlooks it unless it is strict (--strict); each has a case in Cases/Open.</summary>
public static class KnownHoles
{
    /// <summary>
    /// Two copies of a device gave one identity (device, generation, seq) to different commands. The one that arrives second, as CommandAgain,
    /// is taken for the first: acknowledged, and never applied. The planner would have to compare what the identity stands for (§7.2, D).
    /// Set to false once it does.
    /// </summary>
    public static bool SharedIdentities { get; set; } = true;
}
