using Holi.CoPilot.Fallback;
using Holi.CoPilot.Privacy;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot;

/// <summary>What an operator chooses.</summary>
public sealed record CoPilotOptions
{
    /// <summary>Who can be asked, the preferred ones of each place first. None: every note is a template.</summary>
    public IReadOnlyList<ProviderOptions> Providers { get; init; } = [];

    /// <summary>In which order, where a tenant has no other. Default: cloud first.</summary>
    public NoteRoute Route { get; init; } = NoteRoute.CloudFirst;

    /// <summary>What holds for a tenant that is not in <see cref="Tenants"/>.</summary>
    public PrivacyPolicy Policy { get; init; } = new();

    /// <summary>What holds for single tenants.</summary>
    public IReadOnlyDictionary<string, PrivacyPolicy> Tenants { get; init; } = new Dictionary<string, PrivacyPolicy>();

    /// <summary>How long a note may be handed out again. Default: 7 days.</summary>
    public TimeSpan CacheLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// 32 bytes with which cached notes are sealed; the same in all processes that share a cache. Null: made at the start and kept in memory only, so that
    /// nobody else, and no later process, can read what was cached.
    /// </summary>
    public byte[]? CacheKey { get; init; }

    /// <summary>Where another provider is asked as well when the first has not answered after this long; null: only when it failed.</summary>
    public TimeSpan? HedgeAfter { get; init; }

    /// <summary>The bounds.</summary>
    public CoPilotLimits Limits { get; init; } = new();

    /// <summary>What holds for <paramref name="tenant"/>.</summary>
    public PrivacyPolicy PolicyOf(string tenant) => Tenants.GetValueOrDefault(tenant, Policy);
}
