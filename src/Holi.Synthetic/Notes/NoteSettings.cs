using Holi.CoPilot;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Providers;

namespace Holi.Synthetic.Notes;

/// <summary>
/// Who writes notes, from the same environment variables that the gateway reads. Without any, a model in the building is asked where LM Studio listens; the
/// cloud only where somebody names a key.
/// </summary>
internal static class NoteSettings
{
    private const string Prefix = "HOLI_CoPilot__";

    public static CoPilotOptions Read(Func<string, string?> variable)
    {
        var providers = new List<ProviderOptions>();
        if (Secret(variable, $"{Prefix}Providers__anthropic__Key") is { } key)
            providers.Add(Own(ProviderOptions.Anthropic(key), variable, "anthropic"));
        providers.Add(Own(ProviderOptions.LmStudio() with { Key = Secret(variable, $"{Prefix}Providers__local__Key") }, variable, "local"));
        return new CoPilotOptions
        {
            Providers = providers,
            Route = variable($"{Prefix}Route") switch
            {
                null or "" or "cloudFirst" => NoteRoute.CloudFirst,
                "localFirst" => NoteRoute.LocalFirst,
                "localOnly" => NoteRoute.LocalOnly,
                _ => throw new ArgumentException($"{Prefix}Route is none of cloudFirst, localFirst, localOnly."),
            },
        };
    }

    private static ProviderOptions Own(ProviderOptions provider, Func<string, string?> variable, string name)
    {
        var endpoint = variable($"{Prefix}Providers__{name}__Endpoint");
        if (endpoint is { Length: > 0 } && !Uri.TryCreate(endpoint, UriKind.Absolute, out _))
            throw new ArgumentException($"{Prefix}Providers__{name}__Endpoint is not a web address.");
        return provider with
        {
            Endpoint = endpoint is { Length: > 0 } ? new Uri(endpoint) : provider.Endpoint,
            Model = variable($"{Prefix}Providers__{name}__Model") is { Length: > 0 } model ? model : provider.Model,
        };
    }

    /// <summary>Named itself, or the file that holds it.</summary>
    private static string? Secret(Func<string, string?> variable, string name) =>
        variable(name) is { Length: > 0 } secret ? secret
        : variable($"{name}File") is { Length: > 0 } file ? File.ReadAllText(file).Trim()
        : null;
}
