namespace Holi.Peers.Servers;

/// <summary>One program of what serves a peer, with its children: Postgres behind a gateway is a part of its own.</summary>
/// <param name="Name">What it is called beside its share.</param>
/// <param name="Processes">The ids of its processes now.</param>
internal sealed record ServerPart(string Name, Func<IReadOnlyList<int>> Processes)
{
    public TimeSpan Cpu => Processes().Aggregate(TimeSpan.Zero, (sum, id) => sum + ProcessTable.Cpu(id));

    public (long Rss, long Pss) Memory
    {
        get
        {
            var each = Processes().Select(ProcessTable.Memory).ToArray();
            return (each.Sum(memory => memory.Rss), each.Sum(memory => memory.Pss));
        }
    }
}

/// <summary>A running peer, private to one measure. Disposing ends it and removes its data.</summary>
internal interface IPeerServer : IAsyncDisposable
{
    /// <summary>All that serves, the peer's own program first.</summary>
    IReadOnlyList<ServerPart> Parts { get; }

    /// <summary>Where a room's member connects.</summary>
    int PortOf(int member);

    /// <summary>A user's token; empty where the peer asks for none.</summary>
    string TokenFor(string user);

    /// <summary>SIGKILL to everything at once.</summary>
    Task KillAsync();

    /// <summary>After that: the same again on the same data and ports.</summary>
    Task RestartAsync(CancellationToken cancel);
}
