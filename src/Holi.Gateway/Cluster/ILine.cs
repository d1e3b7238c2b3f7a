namespace Holi.Gateway.Cluster;

/// <summary>
/// The line between the gateways of a cluster. What travels on it are hints: any may be lost, come twice, late or in another order, and nothing may
/// wait for it. There are two: Redis, and none (<see cref="NoLine"/>), where gateways share a log and compare it all the time.
/// </summary>
public interface ILine : IAsyncDisposable
{
    /// <summary>False where there is no line, and none is to be expected.</summary>
    bool Exists { get; }

    /// <summary>What is wrong with it, for people; null where it seems to work.</summary>
    string? Trouble { get; }

    /// <summary>
    /// Begins. From then on it calls <paramref name="heard"/> with each message, from any thread and more than one at a time; the memory is the callee's.
    /// And <paramref name="missed"/> where messages of a name may have been missed: from now on they are heard, or heard again. And
    /// <paramref name="lost"/> where a connection was seen to break.
    /// </summary>
    void Start(Action<ReadOnlyMemory<byte>> heard, Action<LineName> missed, Action lost);

    /// <summary>Wants messages of a name, for as long as the line lives, whatever happens to it.</summary>
    void Subscribe(LineName name);

    /// <summary>Wants them no more.</summary>
    void Unsubscribe(LineName name);

    /// <summary>
    /// Sends a message. Returns once the line has room for it, in bounded time; false where it was dropped. True does not say that anybody heard it.
    /// </summary>
    ValueTask<bool> PublishAsync(LineName name, ReadOnlyMemory<byte> message);
}

/// <summary>What a message is sent under. Made of numbers alone: names are seen by whoever watches the server.</summary>
public readonly record struct LineName(string Text)
{
    /// <summary>For all gateways.</summary>
    public static readonly LineName All = new("holi:n");

    private static readonly LineName[] Shards = [.. Enumerable.Range(0, ClusterLimits.Shards).Select(shard => new LineName($"holi:w:{shard}"))];

    /// <summary>Of the topics of one shard.</summary>
    public static LineName Shard(int shard) => Shards[shard];

    /// <summary>For one gateway.</summary>
    public static LineName Inbox(NodeId node) => new($"holi:i:{node}");
}

/// <summary>No line: several gateways over one log without Redis.</summary>
public sealed class NoLine : ILine
{
    public bool Exists => false;

    public string? Trouble => null;

    public void Start(Action<ReadOnlyMemory<byte>> heard, Action<LineName> missed, Action lost)
    {
    }

    public void Subscribe(LineName name)
    {
    }

    public void Unsubscribe(LineName name)
    {
    }

    public ValueTask<bool> PublishAsync(LineName name, ReadOnlyMemory<byte> message) => ValueTask.FromResult(false);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
