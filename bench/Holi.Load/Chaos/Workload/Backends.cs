using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using StackExchange.Redis;

namespace Holi.Load.Chaos.Workload;

/// <summary>
/// Backend services of one tenant, one for each road (protocol/backends.md): each publishes one message after the other, and sends the same
/// again, under the same key, until it knows that it was taken.
/// </summary>
internal sealed class Backends(ChaosSite site, Spoken spoken, string tenant, IReadOnlyList<string> topics, int seed) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60), Again = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(12) };
    private readonly Random _random = new(seed);
    private readonly List<(string Text, string Topic)> _streamed = [];
    private ConnectionMultiplexer? _redis;

    /// <summary>What went by the Redis stream; as safe as Redis is, so whoever must be sure sends it again (§8.4).</summary>
    public IReadOnlyList<(string Text, string Topic)> Streamed => _streamed;

    public Task LiveAsync(CancellationToken stop) => Task.WhenAll(
        RoadAsync("http", PublishAsync, stop),
        site.Site.Redis is null ? Task.CompletedTask : RoadAsync("redis", AddAsync, stop),
        site.Site.Postgres is null ? Task.CompletedTask : RoadAsync("sql", InsertAsync, stop));

    /// <summary>Sends what went by the stream again, each under its key.</summary>
    public async Task StreamAgainAsync(CancellationToken cancel)
    {
        foreach (var (text, topic) in _streamed)
        {
            while (!await AddAsync(text, topic, cancel))
                await Task.Delay(Again, site.Time, cancel);
            spoken.Acknowledge(text, topic);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    private async Task RoadAsync(string road, Func<string, string, CancellationToken, Task<bool>> sendAsync, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var text = Spoken.Text(tenant, road, number);
            var topic = topics[number % topics.Count];
            spoken.Tried();
            if (road == "redis")
                _streamed.Add((text, topic));
            // What was begun is finished: a backend that gives up would not know what became of it.
            while (!await sendAsync(text, topic, CancellationToken.None))
                await Task.Delay(Again, site.Time, CancellationToken.None);
            if (road != "redis")
                spoken.Acknowledge(text, topic);
            await Task.Delay(Pause, site.Time, CancellationToken.None);
        }
    }

    private async Task<bool> PublishAsync(string text, string topic, CancellationToken cancel)
    {
        var gateway = site.Endpoints[_random.Next(site.Endpoints.Count)];
        var address = new UriBuilder(gateway) { Scheme = "http", Path = "/v1/publish" }.Uri;
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = JsonContent.Create(new { key = Key(text), target = topic, kind = "message.post", content = new { text } }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", site.Tokens.For("backend", tenant, scope: "holi.publish"));
        try
        {
            using var answer = await _http.SendAsync(request, cancel);
            if ((int)answer.StatusCode is 429 or >= 500 or 401)
                return false;
            var said = await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
            return said.GetProperty("result").GetString() is "committed" or "duplicate"
                ? true
                : throw new InvalidOperationException($"A publication was answered with {said}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException or JsonException)
        {
            return false;
        }
    }

    private async Task<bool> AddAsync(string text, string topic, CancellationToken cancel)
    {
        try
        {
            _redis ??= await ConnectionMultiplexer.ConnectAsync(site.Site.Redis!.Configuration + ",abortConnect=false,connectTimeout=1000,asyncTimeout=1000");
            await _redis.GetDatabase().StreamAddAsync(
                "holi:publish",
                [
                    new("tenant", tenant), new("key", Key(text)), new("target", topic), new("kind", "message.post"),
                    new("content", JsonSerializer.Serialize(new { text })),
                ]).WaitAsync(TimeSpan.FromSeconds(2), site.Time, cancel);
            return true;
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return false;
        }
    }

    // In a transaction of the backend's own. Its key makes the second attempt of a lost COMMIT harmless.
    private async Task<bool> InsertAsync(string text, string topic, CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(site.Site.Postgres!.ConnectionString + ";Timeout=3;Command Timeout=3");
            await connection.OpenAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using var command = new NpgsqlCommand(
                "insert into holi_outbox (tenant, key, target, kind, content) values ($1, $2, $3, 'message.post', $4::jsonb)", connection, transaction)
            {
                Parameters =
                {
                    new() { Value = tenant }, new() { Value = Key(text) }, new() { Value = topic }, new() { Value = JsonSerializer.Serialize(new { text }) },
                },
            };
            await command.ExecuteNonQueryAsync(cancel);
            await transaction.CommitAsync(cancel);
            return true;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or InvalidOperationException or IOException)
        {
            return false;
        }
    }

    private static string Key(string text) => text.Replace('|', ':');
}
