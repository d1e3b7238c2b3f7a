using Holi.Peers.Devices;
using Holi.Peers.Servers;

namespace Holi.Peers;

/// <summary>What a peer promises for the work that is measured, in few words; printed beside its figures.</summary>
/// <param name="Durable">What is on disk when a sender is told that his message is there.</param>
/// <param name="Order">What order a receiver may count on.</param>
/// <param name="Delivery">How often a message is delivered.</param>
/// <param name="Absent">What becomes of messages for who is away.</param>
/// <param name="Knows">Who may connect.</param>
internal sealed record Guarantees(string Durable, string Order, string Delivery, string Absent, string Knows);

/// <summary>One column of the comparison: how it is started, who speaks to it, what it can do.</summary>
internal sealed record Peer(string Name, string Title, Guarantees Guarantees, string Settings)
{
    /// <summary>Starts it; true: without the thread pool's spinning, where it is a .NET program.</summary>
    public required Func<bool, CancellationToken, Task<IPeerServer>> Start { get; init; }

    public required Func<Seat, bool, Device> Device { get; init; }

    /// <summary>Null where it can be started here; else what is missing, and how to get it.</summary>
    public Func<string?> Missing { get; init; } = () => null;

    /// <summary>Programs whose versions are printed: what to run, with its arguments.</summary>
    public IReadOnlyList<string[]> Programs { get; init; } = [];

    /// <summary>Packages within them, with versions, where the program does not say.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>It keeps messages for who is away.</summary>
    public bool Queues { get; init; }

    /// <summary>A .NET program whose runtime is as it was shipped, so that 1:1 is measured without spinning, too.</summary>
    public bool Spins { get; init; }

    /// <summary>Measures that it cannot take part in, with why; printed instead of figures.</summary>
    public IReadOnlyDictionary<string, string> LeftOut { get; init; } = new Dictionary<string, string>();

    /// <summary>It is one of ours.</summary>
    public bool IsHoli { get; init; }

    /// <summary>It is one of ours, and its log is on PostgreSQL.</summary>
    public bool IsOnPostgres { get; init; }
}
