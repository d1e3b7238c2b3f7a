using System.Globalization;
using Holi.Gateway.Ops.Doctor;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>What a doctor says to <see cref="RedisFacts"/>. Pure.</summary>
internal sealed class RedisVerdicts(RedisFacts facts, bool isLocal, bool isEncrypted, TimeSpan clockMax)
{
    public const string Subject = "redis";

    // XAUTOCLAIM, with which a dead gateway's entries are taken over, and users with rights of their own.
    private static readonly Version VersionMin = new(6, 2);

    // Slower than this, the wake-up is no quicker than looking into the log.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMilliseconds(5);

    private static readonly string[] KeepsEntries = ["noeviction"];

    public IEnumerable<Finding> All() => [.. OfServer(), .. OfEntries(), OfRights(), OfPubSub(), .. OfRest()];

    private IEnumerable<Finding> OfServer()
    {
        if (facts.Info is null)
        {
            yield return Finding.Warning(
                Subject, "the user may not ask INFO", "neither version nor memory nor persistence could be looked at", "add +info to the user's rights");
            yield break;
        }
        var text = facts.Field("redis_version");
        yield return Version.TryParse(text, out var version) && version >= VersionMin
            ? Finding.Fine(Subject, $"version {text}")
            : Finding.Problem(Subject, $"version {text} is too old", "the gateways use what came with 6.2", "upgrade the server to 6.2 or later");
        if (facts.Field("role") is "slave")
            yield return Finding.Problem(Subject, "is a replica", "it takes no writes, and what it hears others do not", "name the primary");
    }

    // What backends put into the stream is nowhere else until a gateway has committed it.
    private IEnumerable<Finding> OfEntries()
    {
        if (facts.Info is null)
            yield break;
        var policy = facts.Field("maxmemory_policy");
        if (facts.Field("maxmemory") is not ("0" or "") && !KeepsEntries.Contains(policy))
        {
            yield return Finding.Problem(
                Subject, $"maxmemory-policy is {policy}", "when memory is short, the server throws away what backends have published by XADD and nobody has committed",
                "set maxmemory-policy noeviction, or give the gateways a Redis of their own");
        }
        if (facts.Field("aof_enabled") is "0")
        {
            yield return Finding.Warning(
                Subject, "appendonly is no", "what backends have published by XADD and nobody has committed is lost when Redis is killed",
                "set appendonly yes; or let backends publish by HTTP or SQL what must not be lost");
        }
    }

    private Finding OfRights() => facts.Denied.Count == 0
        ? Finding.Fine(Subject, "the user may do what the gateways do")
        : Finding.Problem(
            Subject, $"the user may not {string.Join(", ", facts.Denied)}", "gateways do not hear each other at once, or backends' entries are not consumed",
            RedisRights.Advice);

    private Finding OfPubSub() => facts.Heard is { } took
        ? Finding.Fine(Subject, string.Create(
            CultureInfo.InvariantCulture, $"answers in {facts.Answer.TotalMilliseconds:0.##} ms, a message comes back over pub/sub in {took.TotalMilliseconds:0.##} ms"))
        : Finding.Problem(
            Subject, "a message did not come back over pub/sub", "gateways hear of each other's messages by comparing the log only, a few hundred milliseconds later",
            "allow the user &holi:* +publish +subscribe +unsubscribe, and connect to the server itself");

    private IEnumerable<Finding> OfRest()
    {
        if (facts.Answer > AnswerMax)
        {
            yield return Finding.Warning(
                Subject, string.Create(CultureInfo.InvariantCulture, $"answers in {facts.Answer.TotalMilliseconds:0.#} ms"),
                "every message between gateways is at least as late", "put gateway and server nearer together");
        }
        if (!isLocal && !isEncrypted)
        {
            yield return Finding.Warning(
                Subject, "the connection is not encrypted", "what backends add to the stream is health data, readable", "add ssl=true to Redis:Configuration, and TLS to the server");
        }
        if (facts.ClockAhead is { } ahead && ahead.Duration() > clockMax)
        {
            yield return Finding.Warning(
                Subject, string.Create(CultureInfo.InvariantCulture, $"its clock is {ahead.TotalSeconds:+0.0;-0.0} s from this machine's"),
                "what expires there expires at another time", "let NTP keep both");
        }
    }
}
