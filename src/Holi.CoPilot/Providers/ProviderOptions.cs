namespace Holi.CoPilot.Providers;

/// <summary>One provider that can be asked.</summary>
public sealed record ProviderOptions
{
    /// <summary>As it stands in provenance, status and metrics. Unique.</summary>
    public required string Name { get; init; }

    /// <summary>Whether what it is sent leaves the building.</summary>
    public required ProviderPlace Place { get; init; }

    /// <summary>What it speaks.</summary>
    public required ProviderApi Api { get; init; }

    /// <summary>The root of its interface: <c>https://api.anthropic.com</c>, <c>http://localhost:1234/v1</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The key that it asks for; null where it asks for none. Never logged.</summary>
    public string? Key { get; init; }

    /// <summary>The model to ask; null: the first that it lists, for a server that runs one.</summary>
    public string? Model { get; init; }

    /// <summary>Tokens that the model reads and writes together. A longer transcript is split.</summary>
    public int ContextTokens { get; init; } = 8_192;

    /// <summary>Tokens that it may write in one answer.</summary>
    public int OutputTokens { get; init; } = 2_048;

    /// <summary>Calls in a minute; a request beyond it goes to the next provider.</summary>
    public int CallsPerMinute { get; init; } = 50;

    /// <summary>How long it may be silent before its first token. A small machine reads a long prompt for a while.</summary>
    public TimeSpan FirstTokenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may be silent between tokens.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The answer is asked for in the form of a JSON schema. No for servers that do not know that: then it is only described.</summary>
    public bool IsStructured { get; init; } = true;

    /// <summary>The answer comes as it is written. No for servers that cannot: then the first token is the whole answer.</summary>
    public bool IsStreamed { get; init; } = true;

    /// <summary>Sent to servers that speak as OpenAI does, where it is set. Anthropic takes none.</summary>
    public float? Temperature { get; init; }

    /// <summary>
    /// Through the provider's own library where there is a choice. That of Anthropic needs reflection, so a native binary has one of ours instead, whatever
    /// this says.
    /// </summary>
    public bool UsesLibrary { get; init; } = true;

    /// <summary>Anthropic's cloud.</summary>
    /// <param name="key">From the console.</param>
    public static ProviderOptions Anthropic(string key) => new()
    {
        Name = "anthropic",
        Place = ProviderPlace.Cloud,
        Api = ProviderApi.Anthropic,
        Endpoint = new Uri("https://api.anthropic.com"),
        Key = key,
        Model = "claude-sonnet-5-5",
        ContextTokens = 200_000,
        OutputTokens = 8_192,
    };

    /// <summary>LM Studio on this machine, with whatever model it runs.</summary>
    public static ProviderOptions LmStudio() => new()
    {
        Name = "local",
        Place = ProviderPlace.Local,
        Api = ProviderApi.OpenAi,
        Endpoint = new Uri("http://localhost:1234/v1"),
        Temperature = 0,
        FirstTokenTimeout = TimeSpan.FromMinutes(2),
        IdleTimeout = TimeSpan.FromSeconds(30),
    };
}

/// <summary>Where a provider is.</summary>
public enum ProviderPlace
{
    /// <summary>Outside the building: identifiers are replaced first.</summary>
    Cloud,

    /// <summary>Inside.</summary>
    Local,
}

/// <summary>What a provider speaks.</summary>
public enum ProviderApi
{
    /// <summary>Anthropic's Messages.</summary>
    Anthropic,

    /// <summary>OpenAI's Chat Completions: LM Studio, Ollama, llama.cpp, vLLM and OpenAI itself.</summary>
    OpenAi,
}
