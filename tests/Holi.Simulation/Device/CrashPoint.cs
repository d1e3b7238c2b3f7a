using Holi.Client;
using Holi.Simulation.Proof;

namespace Holi.Simulation.Device;

/// <summary>Dies around the next write of a kind, its process alone or the whole device.</summary>
internal sealed record CrashPoint(int Kind, bool IsAfter, bool IsPower, TimeSpan Downtime)
{
    public Sight Sight => (Kind, IsAfter) switch
    {
        (0, false) => Sight.CrashBeforeOutboxSaved,
        (0, true) => Sight.CrashAfterOutboxSaved,
        (1, false) => Sight.CrashBeforeCursorSaved,
        (1, true) => Sight.CrashAfterCursorSaved,
        (2, false) => Sight.CrashBeforeGenerationSaved,
        (2, true) => Sight.CrashAfterGenerationSaved,
        _ => Sight.CrashBeforeDropSaved,
    };

    public bool Concerns(IReadOnlyList<StoreWrite> batch) => batch.Any(write => Kind switch
    {
        0 => write is QueueCommand,
        1 => write is AppendEvents,
        2 => write is StartGeneration,
        _ => write is DropCommitted,
    });
}
