using System.CommandLine;

namespace Holi.Load.Gateways;

/// <summary>Which gateway to load: <c>--url</c> with the key that signs its tokens, or else a private one.</summary>
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

    private static readonly Option<bool> Postgres = new("--postgres")
    {
        Description = "Its log is on a private PostgreSQL (Debian's package), instead of SQLite.",
    };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[Url, Key, Program, Postgres])
            command.Options.Add(option);
    }

    /// <summary>What the private site is to be.</summary>
    public static SitePlan PlanOf(ParseResult parsed)
    {
        var program = parsed.GetValue(Program);
        return new SitePlan(1, parsed.GetValue(Postgres)) { Program = _ => program };
    }

    /// <summary>Finds or starts them.</summary>
    public static async Task<GatewayTarget> OpenAsync(ParseResult parsed, TimeProvider time, CancellationToken cancel)
    {
        if (parsed.GetValue(Url) is { } url)
        {
            var key = Convert.FromBase64String(parsed.GetValue(Key) ?? throw new ArgumentException("--url needs --key, to sign tokens with."));
            return new GatewayTarget([new Uri(url)], new LoadTokens(key, "holi", "holi", time), null);
        }
        return new GatewayTarget(await GatewaySite.StartAsync(PlanOf(parsed), time, cancel));
    }
}
