namespace Holi.Gateway.Ingress;

/// <summary>A publication as it came, by field (backends.md §2), whichever road it came by. Nothing of it is checked; null is absent.</summary>
internal sealed record PublicationFields
{
    public long? Version { get; init; }
    public string? Tenant { get; init; }
    public string? Key { get; init; }
    public string? Target { get; init; }
    public string? Kind { get; init; }
    /// <summary>JSON text, UTF-8.</summary>
    public byte[]? Content { get; init; }
    /// <summary>MessagePack.</summary>
    public byte[]? Payload { get; init; }
    public long? DeliverAtMs { get; init; }
    public long? ExpiresMs { get; init; }
    public long? Priority { get; init; }
}
