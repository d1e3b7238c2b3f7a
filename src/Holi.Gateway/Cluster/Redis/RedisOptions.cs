using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>Which Redis, and how long anything may take there. Nothing waits for it that a person waits for, so all times are short.</summary>
public sealed record RedisOptions
{
    /// <summary>As StackExchange.Redis reads it: servers, user and password (ACL), ssl, channelPrefix. Holds a password, so it is never written anywhere.</summary>
    public required string Configuration { get; init; }

    /// <summary>
    /// SSUBSCRIBE instead of SUBSCRIBE: in a Redis cluster a message then goes to the servers of its slot and not to all. Null: where the server is a
    /// cluster of version 7 or later. All gateways must come to the same, which they do by asking the same server.
    /// </summary>
    public bool? Sharded { get; init; }

    /// <summary>To open a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>One command. What is not answered by then does not count as sent.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the server is asked whether it is there.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After so long without an answer everything is thrown away and begun anew. The client connects again by itself; this is for what it may not notice.
    /// </summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Reads a configuration as the client does, and sets what must not be otherwise.</summary>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public ConfigurationOptions ToClient(string clientName)
    {
        var client = ConfigurationOptions.Parse(Configuration);
        client.AbortOnConnectFail = false;
        client.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        client.SyncTimeout = client.AsyncTimeout = (int)CallTimeout.TotalMilliseconds;
        client.ReconnectRetryPolicy = new LinearRetry((int)PingInterval.TotalMilliseconds / 2);
        // Nothing is kept for a server that is away: a late hint is no hint.
        client.BacklogPolicy = BacklogPolicy.FailFast;
        client.KeepAlive = Math.Max(1, (int)PingInterval.TotalSeconds);
        client.ClientName ??= clientName;
        // Exceptions end in logs, and names of keys do not belong there.
        client.IncludeDetailInExceptions = false;
        // Neither a key nor a name of the client's own: a user of the server may be allowed no more than ours.
        client.TieBreaker = "";
        client.ConfigurationChannel = "";
        return client;
    }
}
