using Holi.CoPilot.Fallback;

namespace Holi.CoPilot.Privacy;

/// <summary>What a tenant allows.</summary>
public sealed record PrivacyPolicy
{
    /// <summary>Whom to ask, in which order; null: as for all.</summary>
    public NoteRoute? Route { get; init; }

    /// <summary>Identifiers are replaced before anything goes to the cloud. Default: yes. No only where a contract covers them.</summary>
    public bool RedactsCloud { get; init; } = true;

    /// <summary>Identifiers are replaced before anything goes to a model in the building, too. Default: no.</summary>
    public bool RedactsLocal { get; init; }
}
