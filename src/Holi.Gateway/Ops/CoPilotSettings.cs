using System.Globalization;
using Holi.CoPilot;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Privacy;
using Holi.CoPilot.Providers;

namespace Holi.Gateway.Ops;

/// <summary>
/// Reads <c>CoPilot:…</c>: who writes notes, in which order, and what may leave the building. Nothing leaves it until somebody names a key for the cloud. Keys are never
/// repeated.
/// </summary>
internal sealed class CoPilotSettings
{
    private const string Section = "CoPilot";
    private const int KeyBytes = 32;

    private static readonly string[] Names = ["Route", "Providers", "Tenants", "RedactCloud", "RedactLocal", "CacheDays", "CacheKey", "CacheKeyFile", "HedgeAfterMs"];
    private static readonly string[] ProviderNames =
    [
        "Place", "Api", "Endpoint", "Key", "KeyFile", "Model", "ContextTokens", "OutputTokens", "CallsPerMinute", "FirstTokenSeconds", "IdleSeconds", "Structured", "Streamed",
        "Temperature", "Disabled",
    ];
    private static readonly string[] TenantNames = ["Route", "RedactCloud", "RedactLocal"];

    private readonly List<string> _errors;

    private CoPilotSettings(List<string> errors) => _errors = errors;

    public static CoPilotOptions Read(IConfiguration section, List<string> errors) => new CoPilotSettings(errors).Read(section);

    private CoPilotOptions Read(IConfiguration section)
    {
        CheckNames(section, Section, Names);
        var options = new CoPilotOptions
        {
            Providers = ReadProviders(section.GetSection("Providers")),
            Route = ReadRoute(section, Section) ?? NoteRoute.CloudFirst,
            Policy = ReadPolicy(section, Section) with { Route = null },
            CacheKey = ReadKey(section),
            HedgeAfter = ReadNumber(section, Section, "HedgeAfterMs", 1, 600_000) is { } wait ? TimeSpan.FromMilliseconds(wait) : null,
        };
        if (ReadNumber(section, Section, "CacheDays", 1, 30) is { } days)
            options = options with { CacheLifetime = TimeSpan.FromDays(days) };
        var tenants = new Dictionary<string, PrivacyPolicy>();
        foreach (var tenant in section.GetSection("Tenants").GetChildren())
        {
            CheckNames(tenant, $"{Section}:Tenants:{tenant.Key}", TenantNames);
            tenants[tenant.Key] = ReadPolicy(tenant, $"{Section}:Tenants:{tenant.Key}");
        }
        return options with { Tenants = tenants };
    }

    private List<ProviderOptions> ReadProviders(IConfigurationSection section)
    {
        var providers = new List<ProviderOptions>();
        // The one in the building is there without being named: LM Studio, if it runs.
        var names = section.GetChildren().Select(child => child.Key.ToLowerInvariant()).Append("local").Distinct().Order(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var place = $"{Section}:Providers:{name}";
            var settings = section.GetSection(name);
            CheckNames(settings, place, ProviderNames);
            if (!ReadFlag(settings, place, "Disabled", false) && ReadProvider(settings, place, name) is { } provider)
                providers.Add(provider);
        }
        return providers;
    }

    private ProviderOptions? ReadProvider(IConfigurationSection settings, string place, string name)
    {
        var provider = name switch
        {
            "local" => ProviderOptions.LmStudio(),
            "anthropic" => ProviderOptions.Anthropic(""),
            _ => ProviderOptions.LmStudio() with { Name = name, Place = ProviderPlace.Cloud, Temperature = null, Endpoint = new Uri("about:blank") },
        };
        provider = provider with
        {
            Place = ReadWord(settings, place, "Place", provider.Place, ("cloud", ProviderPlace.Cloud), ("local", ProviderPlace.Local)),
            Api = ReadWord(settings, place, "Api", provider.Api, ("anthropic", ProviderApi.Anthropic), ("openai", ProviderApi.OpenAi)),
            Model = settings["Model"] is { Length: > 0 } model ? model : provider.Model,
            Key = ReadSecret(settings, place, "Key", "KeyFile") ?? provider.Key,
            ContextTokens = ReadNumber(settings, place, "ContextTokens", 2_048, 10_000_000) ?? provider.ContextTokens,
            OutputTokens = ReadNumber(settings, place, "OutputTokens", 256, 1_000_000) ?? provider.OutputTokens,
            CallsPerMinute = ReadNumber(settings, place, "CallsPerMinute", 1, 100_000) ?? provider.CallsPerMinute,
            FirstTokenTimeout = ReadNumber(settings, place, "FirstTokenSeconds", 1, 900) is { } first ? TimeSpan.FromSeconds(first) : provider.FirstTokenTimeout,
            IdleTimeout = ReadNumber(settings, place, "IdleSeconds", 1, 900) is { } idle ? TimeSpan.FromSeconds(idle) : provider.IdleTimeout,
            IsStructured = ReadFlag(settings, place, "Structured", provider.IsStructured),
            IsStreamed = ReadFlag(settings, place, "Streamed", provider.IsStreamed),
            Temperature = ReadTemperature(settings, place) ?? provider.Temperature,
            Endpoint = ReadEndpoint(settings, place) ?? provider.Endpoint,
        };
        if (provider.Endpoint.Scheme == "about")
            Add($"{place}:Endpoint", "is missing", "write it like https://models.example.org/v1");
        else if (provider.Place == ProviderPlace.Cloud && provider.Endpoint is { Scheme: "http", IsLoopback: false })
            Add($"{place}:Endpoint", "would send transcripts without TLS", "use https://, or say Place=local if it is in the building");
        if (provider.Place == ProviderPlace.Cloud && provider.Model is null)
            Add($"{place}:Model", "is missing", "name the model to ask");
        if (name == "anthropic" && provider.Key is not { Length: > 0 })
            Add($"{place}:Key", "is missing", "name the key, or the file that holds it with KeyFile");
        return provider;
    }

    private PrivacyPolicy ReadPolicy(IConfiguration section, string place) => new()
    {
        Route = ReadRoute(section, place),
        RedactsCloud = ReadFlag(section, place, "RedactCloud", true),
        RedactsLocal = ReadFlag(section, place, "RedactLocal", false),
    };

    private NoteRoute? ReadRoute(IConfiguration section, string place) => string.IsNullOrEmpty(section["Route"])
        ? null
        : ReadWord(section, place, "Route", NoteRoute.LocalOnly, ("cloudFirst", NoteRoute.CloudFirst), ("localFirst", NoteRoute.LocalFirst), ("localOnly", NoteRoute.LocalOnly));

    private Uri? ReadEndpoint(IConfiguration settings, string place)
    {
        if (settings["Endpoint"] is not { Length: > 0 } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.UserInfo.Length == 0)
            return url;
        Add($"{place}:Endpoint", "is not a web address", "write it like http://localhost:1234/v1");
        return null;
    }

    private float? ReadTemperature(IConfiguration settings, string place)
    {
        if (settings["Temperature"] is not { Length: > 0 } text)
            return null;
        if (float.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 2)
            return value;
        Add($"{place}:Temperature", $"'{text}' is out of range", "write a number from 0 to 2");
        return null;
    }

    private byte[]? ReadKey(IConfiguration section)
    {
        if (ReadSecret(section, Section, "CacheKey", "CacheKeyFile") is not { } text)
            return null;
        var key = new byte[text.Length];
        if (Convert.TryFromBase64String(text, key, out var length) && length == KeyBytes)
            return key[..length];
        Add($"{Section}:CacheKey", $"is not {KeyBytes} bytes in Base64", "make one with: openssl rand -base64 32");
        return null;
    }

    private string? ReadSecret(IConfiguration settings, string place, string name, string fileName)
    {
        if (settings[name] is { Length: > 0 } text)
            return text.Trim();
        if (settings[fileName] is not { Length: > 0 } path)
            return null;
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Add($"{place}:{fileName}", $"'{path}' cannot be read", "check that it exists and that the gateway's user may read it");
            return null;
        }
    }

    private int? ReadNumber(IConfiguration settings, string place, string name, int min, int max)
    {
        if (settings[name] is not { Length: > 0 } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
            return value;
        Add($"{place}:{name}", $"'{text}' is out of range", string.Create(CultureInfo.InvariantCulture, $"write a whole number from {min} to {max}"));
        return null;
    }

    private bool ReadFlag(IConfiguration settings, string place, string name, bool otherwise)
    {
        if (settings[name] is not { Length: > 0 } text)
            return otherwise;
        if (bool.TryParse(text, out var flag))
            return flag;
        Add($"{place}:{name}", $"'{text}' is neither true nor false", "write one of them");
        return otherwise;
    }

    private T ReadWord<T>(IConfiguration settings, string place, string name, T otherwise, params ReadOnlySpan<(string Word, T Value)> words)
    {
        if (settings[name] is not { Length: > 0 } text)
            return otherwise;
        var known = new List<string>();
        foreach (var (word, value) in words)
        {
            if (word.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))
                return value;
            known.Add(word);
        }
        Add($"{place}:{name}", $"'{text}' is none of {string.Join(", ", known)}", "write one of them");
        return otherwise;
    }

    private void CheckNames(IConfiguration section, string place, string[] names)
    {
        foreach (var child in section.GetChildren())
        {
            if (!names.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                _errors.Add($"{place}:{child.Key} is no setting: the names are {string.Join(", ", names)}.");
        }
    }

    private void Add(string what, string problem, string remedy) => _errors.Add($"{what} {problem}: {remedy}.");
}
