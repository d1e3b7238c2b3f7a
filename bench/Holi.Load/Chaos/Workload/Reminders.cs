using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Holi.Load.Gateways;

namespace Holi.Load.Chaos.Workload;

/// <summary>
/// A backend of one tenant that publishes for later (backends.md §5.1), by HTTP and to another gateway each time. What was taken has to be there once, a
/// second after its time at the latest, whoever was down at that time.
/// </summary>
internal sealed class Reminders(ChaosSite site, Spoken spoken, string tenant, IReadOnlyList<string> topics, int seed) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250), Again = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(300), Most = TimeSpan.FromSeconds(2.5), Late = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(12) };
    private readonly Random _random = new(seed);

    /// <summary>Publishes until it is told to stop; returns when all of it is due.</summary>
    public async Task LiveAsync(CancellationToken stop)
    {
        var due = new List<Task>();
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var text = Spoken.Text(tenant, Spoken.Reminder, number);
            var topic = topics[number % topics.Count];
            var at = site.Time.GetUtcNow() + Least + ((Most - Least) * _random.NextDouble());
            spoken.Tried();
            while (!await TrySendAsync(text, topic, at, number))
                await Task.Delay(Again, site.Time, CancellationToken.None);
            due.Add(AcknowledgeAsync(text, topic, at));
            await Task.Delay(Pause, site.Time, CancellationToken.None);
        }
        await Task.WhenAll(due);
    }

    public void Dispose() => _http.Dispose();

    private async Task AcknowledgeAsync(string text, string topic, DateTimeOffset at)
    {
        var wait = at + Late - site.Time.GetUtcNow();
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, site.Time, CancellationToken.None);
        spoken.Acknowledge(text, topic);
    }

    private async Task<bool> TrySendAsync(string text, string topic, DateTimeOffset at, int number)
    {
        var gateway = site.Endpoints[(number + _random.Next(site.Endpoints.Count)) % site.Endpoints.Count];
        using var request = new HttpRequestMessage(HttpMethod.Post, new UriBuilder(gateway) { Scheme = "http", Path = "/v1/publish" }.Uri)
        {
            Content = JsonContent.Create(new
            {
                key = text.Replace('|', ':'),
                target = topic,
                kind = "message.post",
                content = new { text },
                deliverAt = at.ToUnixTimeMilliseconds(),
            }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", site.Tokens.For("reminders", tenant, scope: "holi.publish"));
        try
        {
            using var answer = await _http.SendAsync(request);
            if ((int)answer.StatusCode is 401 or 429 or >= 500)
                return false;
            var said = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return said.GetProperty("result").GetString() is "scheduled" or "committed" or "duplicate"
                ? true
                : throw new InvalidDataException($"A reminder was answered with {said}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or IOException or OperationCanceledException or JsonException)
        {
            return false;
        }
    }
}
