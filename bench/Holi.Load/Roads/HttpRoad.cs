using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Holi.Load.Gateways;

namespace Holi.Load.Roads;

/// <summary>§7: a request to one of the gateways, another one each time.</summary>
internal sealed class HttpRoad(IReadOnlyList<Uri> gateways, LoadTokens tokens) : IRoad
{
    // A gateway serves so many of one backend at a time (§7.2); whoever asks for more is told to come again.
    private const int AtOnce = 16;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(12) };
    private readonly SemaphoreSlim[] _room = [.. gateways.Select(_ => new SemaphoreSlim(AtOnce))];
    private int _next = -1;

    public async Task<bool> TrySendAsync(Publication publication, CancellationToken cancel)
    {
        var at = (int)((uint)Interlocked.Increment(ref _next) % (uint)gateways.Count);
        await _room[at].WaitAsync(cancel);
        try
        {
            return await TrySendAsync(gateways[at], publication, cancel);
        }
        finally
        {
            _room[at].Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var room in _room)
            room.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> TrySendAsync(Uri gateway, Publication publication, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new UriBuilder(gateway) { Scheme = "http", Path = "/v1/publish" }.Uri)
        {
            Content = JsonContent.Create(new
            {
                key = publication.Key,
                target = publication.Topic,
                kind = "message.post",
                content = new { text = publication.Text },
                deliverAt = publication.DeliverAtMs,
            }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.For("backend", publication.Tenant, scope: "holi.publish"));
        try
        {
            using var answer = await _http.SendAsync(request, cancel);
            if ((int)answer.StatusCode is 401 or 429 or >= 500)
                return false;
            var said = await answer.Content.ReadFromJsonAsync<JsonElement>(cancel);
            return said.GetProperty("result").GetString() is "committed" or "scheduled" or "duplicate"
                ? true
                : throw new InvalidDataException($"A publication was answered with {said}.");
        }
        // A connection that is reset as soon as it stands surfaces as a bare SocketException.
        catch (Exception failure) when (failure is HttpRequestException or SocketException or IOException or OperationCanceledException or JsonException)
        {
            return false;
        }
    }
}
