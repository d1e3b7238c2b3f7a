using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>
/// Something that the gateways do on Redis, asked in a form that cannot take effect: the server looks at the user's rights (command, key, name) before it
/// looks at what is wrong with the rest. So the only answer that counts is NOPERM.
/// </summary>
/// <param name="Name">For people.</param>
/// <param name="Ask">Refused, empty, or taken back at once.</param>
internal sealed record RedisRight(string Name, Func<ConnectionMultiplexer, Task> Ask)
{
    // The beginning of the server's own error (ACL): there is no other mark of it.
    private const string Denied = "NOPERM";

    public async Task<bool> IsDeniedAsync(ConnectionMultiplexer client)
    {
        try
        {
            await Ask(client).ConfigureAwait(false);
            return false;
        }
        catch (RedisServerException refused)
        {
            return refused.Message.Contains(Denied, StringComparison.Ordinal);
        }
    }
}

/// <summary>
/// All that the gateways do on Redis: <see cref="RedisLine"/> on three kinds of names, <see cref="RedisEntries"/> with three keys (protocol/backends.md §8).
/// </summary>
internal static class RedisRights
{
    /// <summary>What a user of the gateways needs and no more, for people to copy. Tests run gateways with exactly this.</summary>
    public const string Advice =
        "acl setuser NAME on >PASSWORD ~holi:publish ~holi:publish:* &holi:* +@connection +@pubsub +@stream -@dangerous +get +set +pexpire +info +time +cluster|nodes";

    private const string In = "holi:publish", Dead = "holi:publish:dead", Turn = "holi:publish:turn", Group = "holi-doctor", NoId = "no-id";

    private static readonly RedisRight[] Entries =
    [
        Command("PING", "PING"),
        Command("GET", "GET", Turn),
        // No time at all is no time that may be set.
        Command("SET", "SET", Turn, Group, "NX", "PX", "0"),
        Command("PEXPIRE", "PEXPIRE", Turn, "no-time"),
        Command("XGROUP CREATE", "XGROUP", "CREATE", In, Group, NoId),
        Command("XREADGROUP", "XREADGROUP", "GROUP", Group, Group, "COUNT", "1", "STREAMS", In, NoId),
        Command("XAUTOCLAIM", "XAUTOCLAIM", In, Group, Group, "0", NoId),
        Command("XPENDING", "XPENDING", In, Group),
        Command("XACK", "XACK", In, Group, NoId),
        Command("XDEL", "XDEL", In, NoId),
        Command("XADD (dead letters)", "XADD", Dead, NoId, "field", "value"),
    ];

    /// <param name="isSharded">Where the line uses names that belong to a slot.</param>
    public static IEnumerable<RedisRight> All(bool isSharded) =>
        [.. Entries, .. new[] { LineName.All, LineName.Shard(0), new LineName("holi:i:doctor") }.SelectMany(name => Line(name, isSharded))];

    // Gateways drop a message that is empty, and nobody misses what the doctor hears.
    private static IEnumerable<RedisRight> Line(LineName name, bool isSharded)
    {
        var (publish, subscribe) = isSharded ? ("SPUBLISH", "SSUBSCRIBE") : ("PUBLISH", "SUBSCRIBE");
        yield return Command($"{publish} {name.Text}", publish, name.Text, "");
        yield return new RedisRight($"{subscribe} {name.Text}", async client =>
        {
            var redisName = isSharded ? RedisChannel.Sharded(name.Text) : RedisChannel.Literal(name.Text);
            var subscriber = client.GetSubscriber();
            await subscriber.SubscribeAsync(redisName, (_, _) => { }).ConfigureAwait(false);
            await subscriber.UnsubscribeAsync(redisName).ConfigureAwait(false);
        });
    }

    private static RedisRight Command(string name, string command, params object[] arguments) =>
        new(name, client => client.GetDatabase().ExecuteAsync(command, arguments));
}
