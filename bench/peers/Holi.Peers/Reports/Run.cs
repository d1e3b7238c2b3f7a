using System.Globalization;

namespace Holi.Peers.Reports;

/// <summary>How a comparison was made.</summary>
/// <param name="Machine">On what, and when.</param>
/// <param name="Rounds">Rounds of most measures.</param>
/// <param name="Pieces">Runs that were added up; 1: everything in one.</param>
internal sealed record Run(Machine Machine, int Rounds, int Pieces)
{
    public override string ToString()
    {
        var rounds = Rounds == 1 ? "One round" : string.Create(CultureInfo.InvariantCulture, $"Medians of {Rounds} interleaved rounds, with least and greatest where they differ");
        var pieces = Pieces == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", measured in {Pieces} pieces");
        return $"Measured by `bench/compare.sh` on {Machine}; driver and server share the machine. {rounds}{pieces}.";
    }
}
