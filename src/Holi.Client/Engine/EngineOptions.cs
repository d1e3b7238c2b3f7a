namespace Holi.Client.Engine;

/// <summary>What the engine is told once.</summary>
internal sealed record EngineOptions
{
    /// <summary>Whose store this is; a token of anybody else is refused.</summary>
    public required string User { get; init; }
    /// <summary>Software and version, for the operator; at most 64 bytes.</summary>
    public string Client { get; init; } = "Holi.Client/0.1";
    /// <summary>For topics without a cursor: how many of their newest events; −1: none.</summary>
    public long Backlog { get; init; } = 200;
    /// <summary>Silence is noticed within this and ten seconds, whatever the gateway's heartbeat.</summary>
    public TimeSpan HeartbeatMax { get; init; } = TimeSpan.FromSeconds(30);
    public EngineLimits Limits { get; init; } = new();
}
