using System.Globalization;
using StackExchange.Redis;

namespace Holi.Gateway.Cluster.Redis;

/// <summary>What a Redis says of itself and of this user, as far as it matters to us.</summary>
/// <param name="Info">Fields of INFO by their names; null where the user may not ask.</param>
/// <param name="Denied">Commands that the user may not use as we do.</param>
/// <param name="ClockAhead">The server's clock less ours; null where the user may not ask.</param>
/// <param name="Answer">Median time of an answer.</param>
/// <param name="Heard">How long a message took over pub/sub, from this client to itself; null where it did not come.</param>
internal sealed record RedisFacts(
    IReadOnlyDictionary<string, string>? Info, IReadOnlyList<string> Denied, TimeSpan? ClockAhead, TimeSpan Answer, TimeSpan? Heard)
{
    private const int Rounds = 20;

    private static readonly TimeSpan HearingTimeout = TimeSpan.FromSeconds(3);
    private const int HearingTries = 4;

    public string Field(string name) => Info?.GetValueOrDefault(name, "") ?? "";

    /// <param name="client">Connected.</param>
    /// <param name="sharded">As <see cref="RedisOptions.Sharded"/>.</param>
    /// <param name="time">The system's.</param>
    public static async Task<RedisFacts> ReadAsync(ConnectionMultiplexer client, bool? sharded, TimeProvider time)
    {
        var isSharded = sharded ?? RedisConnection.HasShards(client);
        var database = client.GetDatabase();
        var info = await TryAsync(() => database.ExecuteAsync("INFO")).ConfigureAwait(false);
        var denied = new List<string>();
        foreach (var right in RedisRights.All(isSharded))
        {
            if (await right.IsDeniedAsync(client).ConfigureAwait(false))
                denied.Add(right.Name);
        }
        return new RedisFacts(
            info is null ? null : Parse(info.ToString()), denied, await ClockAsync(database, time).ConfigureAwait(false),
            await AnswerAsync(database, time).ConfigureAwait(false), await HearAsync(client, isSharded, time).ConfigureAwait(false));
    }

    /// <summary>Sections begin with #; the rest is name:value.</summary>
    internal static Dictionary<string, string> Parse(string info) => info.Split('\n')
        .Select(line => line.Trim().Split(':', 2))
        .Where(parts => parts.Length == 2)
        .DistinctBy(parts => parts[0])
        .ToDictionary(parts => parts[0], parts => parts[1]);

    private static async Task<TimeSpan?> ClockAsync(IDatabase database, TimeProvider time)
    {
        var sent = time.GetUtcNow();
        if (await TryAsync(() => database.ExecuteAsync("TIME")).ConfigureAwait(false) is not { } answer)
            return null;
        var came = time.GetUtcNow();
        var parts = (RedisResult[])answer!;
        var server = DateTimeOffset.FromUnixTimeSeconds((long)parts[0]).AddMicroseconds((long)parts[1]);
        return server - (sent + ((came - sent) / 2));
    }

    private static async Task<TimeSpan> AnswerAsync(IDatabase database, TimeProvider time)
    {
        var took = new List<TimeSpan>(Rounds);
        for (var i = 0; i < Rounds; i++)
        {
            var began = time.GetTimestamp();
            await database.ExecuteAsync("PING").ConfigureAwait(false);
            took.Add(time.GetElapsedTime(began));
        }
        took.Sort();
        return took[Rounds / 2];
    }

    // Under a name of the kind that gateways have for themselves; nobody has this one.
    private static async Task<TimeSpan?> HearAsync(ConnectionMultiplexer client, bool isSharded, TimeProvider time)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"holi:i:doctor-{Guid.NewGuid():N}");
        var name = isSharded ? RedisChannel.Sharded(text) : RedisChannel.Literal(text);
        var subscriber = client.GetSubscriber();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await subscriber.SubscribeAsync(name, (_, _) => heard.TrySetResult()).ConfigureAwait(false);
            var took = await SayUntilHeardAsync(subscriber, name, heard.Task, time).ConfigureAwait(false);
            await subscriber.UnsubscribeAsync(name).ConfigureAwait(false);
            return took;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    // The client may say that it is subscribed a moment before it hears anything: what was said in that moment is said again.
    private static async Task<TimeSpan?> SayUntilHeardAsync(ISubscriber subscriber, RedisChannel name, Task heard, TimeProvider time)
    {
        for (var tries = 0; tries < HearingTries; tries++)
        {
            var began = time.GetTimestamp();
            await subscriber.PublishAsync(name, "?").ConfigureAwait(false);
            await heard.WaitAsync(HearingTimeout / HearingTries, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (heard.IsCompleted)
                return time.GetElapsedTime(began);
        }
        return null;
    }

    // Null where the user may not.
    private static async Task<RedisResult?> TryAsync(Func<Task<RedisResult>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (RedisServerException)
        {
            return null;
        }
    }
}
