using System.Net;
using System.Runtime.CompilerServices;
using Holi.Gateway.Ops.Doctor;
using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>Looks at a real Redis: connects as the gateway would, reads its facts, and measures. It leaves nothing there.</summary>
internal static class RedisDoctor
{
    private const string Subject = RedisVerdicts.Subject;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromSeconds(20);

    /// <param name="redis">Holds a password, so nothing of it but the servers' addresses is repeated.</param>
    /// <param name="clockMax">How far its clock may be off.</param>
    /// <param name="time">The system's.</param>
    /// <param name="cancel">Gives up.</param>
    public static async IAsyncEnumerable<Finding> LookAsync(
        RedisOptions redis, TimeSpan clockMax, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (!TryRead(redis.Configuration, out var options))
        {
            yield return Finding.Problem(
                Subject, "Redis:Configuration cannot be read", "the gateway does not start with it",
                "write it like redis.example.org:6379,user=holi,password=…,ssl=true");
            yield break;
        }
        var place = string.Join(", ", options.EndPoints.Select(Format));
        var (facts, failure) = await TryLookAsync(options, redis.Sharded, time, cancel).ConfigureAwait(false);
        if (facts is null)
        {
            yield return failure!(place);
            yield break;
        }
        yield return Finding.Fine(Subject, $"{place} answers");
        foreach (var finding in new RedisVerdicts(facts, options.EndPoints.All(IsLocal), options.Ssl, clockMax).All())
            yield return finding;
    }

    private static async Task<(RedisFacts? Facts, Func<string, Finding>? Failure)> TryLookAsync(
        ConfigurationOptions options, bool? sharded, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            var client = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(Patience, time, cancel).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
                return (await RedisFacts.ReadAsync(client, sharded, time).WaitAsync(Patience, time, cancel).ConfigureAwait(false), null);
        }
        catch (RedisConnectionException refused) when (IsRefusal(refused))
        {
            return (null, place => Finding.Problem(
                Subject, $"{place}: user or password refused", "gateways hear of each other's messages by comparing the log only, and backends' entries are not consumed",
                "check user= and password= of Redis:Configuration"));
        }
        catch (Exception failed) when (failed is RedisException or TimeoutException)
        {
            return (null, place => Finding.Problem(
                Subject, $"{place}: cannot be reached", "gateways hear of each other's messages by comparing the log only, and backends' entries are not consumed",
                "check address and port, ssl=true against what the server has, that it runs, that this machine may reach it, and that the user has +@connection"));
        }
    }

    // Wrong password, or none where one is needed.
    private static bool IsRefusal(RedisConnectionException refused)
    {
        for (Exception? inner = refused; inner is not null; inner = inner.InnerException)
        {
            if (inner is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure })
                return true;
        }
        return false;
    }

    private static bool TryRead(string configuration, out ConfigurationOptions options)
    {
        options = new ConfigurationOptions();
        try
        {
            options = ConfigurationOptions.Parse(configuration);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            return false;
        }
        options.AbortOnConnectFail = true;
        // For INFO; nothing else of that kind is asked.
        options.AllowAdmin = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        options.SyncTimeout = options.AsyncTimeout = (int)ConnectTimeout.TotalMilliseconds;
        options.IncludeDetailInExceptions = false;
        options.ClientName = "holi-doctor";
        options.TieBreaker = options.ConfigurationChannel = "";
        return options.EndPoints.Count > 0;
    }

    private static string Format(EndPoint server) => server is DnsEndPoint named ? $"{named.Host}:{named.Port}" : server.ToString() ?? "?";

    private static bool IsLocal(EndPoint server) => server switch
    {
        IPEndPoint address => IPAddress.IsLoopback(address.Address),
        DnsEndPoint named => named.Host == "localhost",
        _ => true,
    };
}
