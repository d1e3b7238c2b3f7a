using Holi.CoPilot.Privacy;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Fallback;

/// <summary>Who is asked for a request, in order. Pure. What may not leave the building is never decided anywhere else.</summary>
internal static class ProviderOrder
{
    /// <param name="providers">All, in the operator's order.</param>
    /// <param name="place">Where one is.</param>
    /// <param name="route">For all tenants.</param>
    /// <param name="policy">The tenant's, which may say otherwise.</param>
    /// <param name="localOnly">The request's own wish, which can only narrow.</param>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> providers, Func<T, ProviderPlace> place, NoteRoute route, PrivacyPolicy policy, bool localOnly)
    {
        var local = providers.Where(provider => place(provider) == ProviderPlace.Local);
        var cloud = providers.Where(provider => place(provider) == ProviderPlace.Cloud);
        return (localOnly ? NoteRoute.LocalOnly : policy.Route ?? route) switch
        {
            NoteRoute.CloudFirst => [.. cloud, .. local],
            NoteRoute.LocalFirst => [.. local, .. cloud],
            _ => [.. local],
        };
    }

    /// <summary>Whether identifiers are replaced before a request goes to <paramref name="place"/>.</summary>
    public static bool Redacts(ProviderPlace place, PrivacyPolicy policy) =>
        place == ProviderPlace.Cloud ? policy.RedactsCloud : policy.RedactsLocal;
}
