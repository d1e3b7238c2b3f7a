using System.CommandLine;

namespace Holi.Load.Gateways;

/// <summary>Which gateway to load: <c>--url</c> with the key that signs its tokens, or else one of our own.</summary>
internal static class TargetOptions
{
    private static readonly Option<string?> Url = new("--url")
    {
        Description = "A running gateway, as ws://127.0.0.1:5280/v1/ws. Without it a private one is started in a temporary folder.",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "With --url: the gateway's HS256 key in base64.",
    };

    private static readonly Option<string?> Program = new("--gateway")
    {
        Description = "The gateway to start: a native binary or Holi.Gateway.dll. Default: this checkout's Release build.",
    };

    public static void AddTo(Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(Key);
        command.Options.Add(Program);
    }

    /// <summary>Finds or starts it.</summary>
    public static async Task<GatewayTarget> OpenAsync(ParseResult parsed, TimeProvider time, CancellationToken cancel)
    {
        if (parsed.GetValue(Url) is { } url)
        {
            var key = Convert.FromBase64String(parsed.GetValue(Key) ?? throw new ArgumentException("--url needs --key, to sign tokens with."));
            return new GatewayTarget(new Uri(url), new LoadTokens(key, "holi", "holi", time), null);
        }
        var own = await GatewayProcess.StartAsync(parsed.GetValue(Program), time, cancel);
        return new GatewayTarget(own.Endpoint, own.Tokens, own);
    }
}
