namespace Holi.Gateway.Ingress;

/// <summary>A road by which publications are fetched, rather than brought: it runs for as long as the gateway does, whatever is at its other end.</summary>
public interface IRoad : IAsyncDisposable
{
    /// <summary>One of <see cref="Commit.PublicationRoads"/>.</summary>
    string Name { get; }

    /// <summary>How long the oldest of what waits there has been waiting; zero where nothing does, null where this gateway does not know.</summary>
    TimeSpan? Lag { get; }

    /// <summary>Begins to fetch. Returns at once.</summary>
    void Start(Backends backends);

    /// <summary>Fetches no more, and ends in a moment. What was fetched and is not committed yet stays where it came from.</summary>
    Task StopAsync();
}
