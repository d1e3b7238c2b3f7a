using System.CommandLine;
using System.CommandLine.Parsing;
using Holi.Load.Chaos;
using Holi.Load.Chaos.Faults;
using Holi.Servers;

namespace Holi.Load.Gateways;

/// <summary>Which gateways to load: <c>--url</c> with the key that signs its tokens, or else private ones.</summary>
internal static class TargetOptions
{
    private static readonly Option<string?> Url = new("--url")
    {
        Description = "A running gateway, as ws://127.0.0.1:5080/v1/ws. Without it private ones are started in a temporary folder.",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "With --url: the gateway's HS256 key in base64.",
    };

    private static readonly Option<string?> Program = new("--gateway")
    {
        Description = "The gateway to start: a native binary or Holi.Gateway.dll. Default: this checkout's Release build.",
    };

    private static readonly Option<int> Gateways = new Option<int>("--gateways")
    {
        Description = "How many gateways; more than one share a log, which needs --postgres, and tell each other through Redis, if there is --redis.",
        DefaultValueFactory = _ => 1,
    }.AtLeast(1);

    private static readonly Option<bool> Postgres = new("--postgres")
    {
        Description = "Their log is on a private PostgreSQL (Debian's package; fsync and synchronous_commit on), instead of SQLite.",
    };

    private static readonly Option<bool> Redis = new("--redis")
    {
        Description = "They have a private Redis (Debian's package).",
    };

    private static readonly Option<string> RedisThroughout = Throughout();

    private static readonly Option<string?> Keep = new("--keep-logs")
    {
        Description = "A folder to leave the gateways' logs in. Without it they go with the temporary folder.",
    };

    /// <param name="command">The measure.</param>
    /// <param name="throughout">It can be taken while Redis is in trouble all the time.</param>
    /// <param name="needsProcesses">It starts its gateways itself, because it measures or kills them.</param>
    public static void AddTo(Command command, bool throughout = false, bool needsProcesses = false)
    {
        foreach (var option in (Option[])[Program, Gateways, Postgres, Redis, Keep])
            command.Options.Add(option);
        command.Refuse(order => order.GetValue(Gateways) > 1 && !order.GetValue(Postgres), "Several gateways share a log: add --postgres.");
        command.Refuse(
            order => order.GetValue(Postgres) && !PostgresServer.IsInstalled, "--postgres starts a private PostgreSQL, which is not installed: apt-get install postgresql.");
        command.Refuse(
            order => order.GetValue(Redis) && !RedisServer.IsInstalled, "--redis starts a private Redis, which is not installed: apt-get install redis-server.");
        command.Refuse(
            order => order.GetValue(Program) is { } program && !File.Exists(program), "--gateway names a file that is not there.");
        if (throughout)
        {
            command.Options.Add(RedisThroughout);
            command.Refuse(
                order => order.Has(RedisThroughout) && !order.GetValue(Redis), "--redis-throughout says how a private Redis fares: add --redis.");
        }
        if (needsProcesses)
            return;
        command.Options.Add(Url);
        command.Options.Add(Key);
        command.Refuse(order => order.Has(Url) && !order.Has(Key), "--url needs --key, to sign tokens with.");
        command.Refuse(order => order.Has(Key) && !order.Has(Url), "--key belongs to --url: private gateways have a key of their own.");
        command.Refuse(
            order => order.GetValue(Url) is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "ws" or "wss"),
            "--url takes an address like ws://127.0.0.1:5080/v1/ws.");
        command.Refuse(order => order.GetValue(Key) is { } key && !TryReadKey(key, out _), "--key takes base64.");
        command.Refuse(
            order => order.Has(Url) && ((Option[])[Program, Gateways, Postgres, Redis, Keep, RedisThroughout]).Any(order.Has),
            "--url loads a gateway that is running: leave out what starts private ones (--gateway, --gateways, --postgres, --redis, --redis-throughout, --keep-logs).");
    }

    /// <summary>True where the gateways are private ones, which can be measured and killed.</summary>
    public static bool IsPrivate(CommandResult order) => !order.Has(Url);

    /// <summary>How many private gateways there are to be.</summary>
    public static int GatewaysOf(CommandResult order) => order.GetValue(Gateways);

    /// <summary>What there will be for faults to strike.</summary>
    public static FaultNeeds NeedsOf(CommandResult order, bool earlierGateway) => ChaosSite.NeedsOf(order.GetValue(Postgres), order.GetValue(Redis), earlierGateway);

    /// <summary>What the private site is to be.</summary>
    public static SitePlan PlanOf(ParseResult parsed)
    {
        var program = parsed.GetValue(Program);
        return new SitePlan(parsed.GetValue(Gateways), parsed.GetValue(Postgres), parsed.GetValue(Redis))
        {
            Program = _ => program,
            RedisThroughout = parsed.GetResult(RedisThroughout) is null ? RedisCondition.Well : Enum.Parse<RedisCondition>(parsed.GetValue(RedisThroughout)!, ignoreCase: true),
            LogsFolder = parsed.GetValue(Keep),
        };
    }

    /// <summary>Finds or starts them.</summary>
    /// <param name="parsed">The order.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="settings">Further settings of private ones, by their names in the environment without <c>HOLI_</c>.</param>
    public static async Task<GatewayTarget> OpenAsync(
        ParseResult parsed, TimeProvider time, CancellationToken cancel, IReadOnlyDictionary<string, string>? settings = null)
    {
        if (parsed.GetResult(Url) is not null && parsed.GetValue(Url) is { } url)
        {
            _ = TryReadKey(parsed.GetValue(Key)!, out var key);
            return new GatewayTarget([new Uri(url)], new LoadTokens(key, "holi", "holi", time), null);
        }
        var plan = PlanOf(parsed);
        plan = settings is null ? plan : plan with { Settings = settings };
        var site = await GatewaySite.StartAsync(plan, time, cancel);
        return new GatewayTarget(site, await RedisTrouble.BeginAsync(site.Redis, plan.RedisThroughout, time));
    }

    private static bool TryReadKey(string text, out byte[] key)
    {
        key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, key, out var length))
            return false;
        Array.Resize(ref key, length);
        return true;
    }

    private static Option<string> Throughout()
    {
        var option = new Option<string>("--redis-throughout")
        {
            Description = "How Redis fares all the time: well, flushed (FLUSHALL each second) or dead (killed before anything happens).",
            DefaultValueFactory = _ => "well",
        };
        option.AcceptOnlyFromAmong("well", "flushed", "dead");
        return option;
    }
}
