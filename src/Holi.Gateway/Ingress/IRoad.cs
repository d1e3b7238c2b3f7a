namespace Holi.Gateway.Ingress;

/// <summary>A road by which publications are fetched, rather than brought: it runs for as long as the gateway does, whatever is at its other end.</summary>
public interface IRoad : IAsyncDisposable
{
    /// <summary>Begins to fetch. Returns at once.</summary>
    void Start(Backends backends);

    /// <summary>Fetches no more, and ends in a moment. What was fetched and is not committed yet stays where it came from.</summary>
    Task StopAsync();
}
