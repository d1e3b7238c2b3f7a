using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>
/// A command as the gateways use it, asked in a form that cannot take effect: the server looks at the user's rights (command, key, name) before it looks at
/// what is wrong with the rest. So the only answer that counts is NOPERM.
/// </summary>
/// <param name="Command">For people.</param>
/// <param name="Arguments">Refused or empty in every case.</param>
internal sealed record RedisRight(string Command, params object[] Arguments)
{
    // The beginning of the server's own error (ACL): there is no other mark of it.
    private const string Denied = "NOPERM";

    public async Task<bool> IsDeniedAsync(IDatabase database)
    {
        try
        {
            await database.ExecuteAsync(Command.Split(' ')[0], Arguments).ConfigureAwait(false);
            return false;
        }
        catch (RedisServerException refused)
        {
            return refused.Message.Contains(Denied, StringComparison.Ordinal);
        }
    }
}

/// <summary>What the gateways do on Redis; protocol/backends.md §8 for the streams.</summary>
internal static class RedisRights
{
    private const string In = "holi:publish", Dead = "holi:publish:dead", Group = "holi-doctor", NoId = "no-id";

    public static IReadOnlyList<RedisRight> All { get; } =
    [
        new("PING"),
        new("PUBLISH", "holi:i:doctor", ""),
        new("XGROUP CREATE", "CREATE", In, Group, NoId),
        new("XREADGROUP", "GROUP", Group, Group, "COUNT", "1", "STREAMS", In, NoId),
        new("XAUTOCLAIM", In, Group, Group, "0", NoId),
        new("XACK", In, Group, NoId),
        new("XDEL", In, NoId),
        new("XLEN", In),
        new("XADD (dead letters)", Dead, NoId, "field", "value"),
    ];
}
