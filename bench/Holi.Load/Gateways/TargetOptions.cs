using System.CommandLine;

namespace Holi.Load.Gateways;

/// <summary>Which gateways to load: <c>--url</c> with the key that signs its tokens, or else private ones.</summary>
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

    private static readonly Option<int> Gateways = new("--gateways")
    {
        Description = "How many private gateways; more than one need --postgres.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> Postgres = new("--postgres")
    {
        Description = "Their log is on a private PostgreSQL (Debian's package), instead of SQLite.",
    };

    private static readonly Option<bool> Redis = new("--redis")
    {
        Description = "They have a private Redis (Debian's package).",
    };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[Url, Key, Program, Gateways, Postgres, Redis])
            command.Options.Add(option);
    }

    /// <summary>What the private site is to be.</summary>
    public static SitePlan PlanOf(ParseResult parsed)
    {
        var program = parsed.GetValue(Program);
        var plan = new SitePlan(parsed.GetValue(Gateways), parsed.GetValue(Postgres), parsed.GetValue(Redis)) { Program = _ => program };
        if (plan.Gateways < 1)
            throw new ArgumentException("--gateways takes 1 or more.");
        if (plan.Gateways > 1 && !plan.Postgres)
            throw new ArgumentException("Several gateways share a log: add --postgres.");
        return plan;
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
