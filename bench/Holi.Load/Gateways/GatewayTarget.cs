namespace Holi.Load.Gateways;

/// <summary>Where a scenario finds its gateway: one that is running, or a private one of its own.</summary>
internal sealed class GatewayTarget(Uri endpoint, LoadTokens tokens, GatewayProcess? own) : IAsyncDisposable
{
    /// <summary>The WebSocket address.</summary>
    public Uri Endpoint => endpoint;

    /// <summary>Tokens for its people.</summary>
    public LoadTokens Tokens => tokens;

    /// <summary>The private gateway's process; null where <c>--url</c> named one, whose process cannot be measured.</summary>
    public GatewayProcess? Own => own;

    public ValueTask DisposeAsync() => own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
