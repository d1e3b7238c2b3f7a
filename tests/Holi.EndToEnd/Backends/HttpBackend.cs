using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.Backends;

/// <summary>A backend that publishes to a gateway process over HTTP, and sends again whatever it heard no answer to.</summary>
internal sealed class HttpBackend : IDisposable
{
    private static readonly string[] Told = ["result", "topic", "offset"];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };

    public HttpBackend(GatewayProcess gateway)
    {
        _http.BaseAddress = new UriBuilder(gateway.Endpoint) { Scheme = Uri.UriSchemeHttp, Path = "/" }.Uri;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Tokens.For("lab", scope: "holi.publish"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string Notification(string key, string user, string title, string more = "") =>
        $$"""{"key":"{{key}}","target":"user/{{user}}","kind":"notification","content":{"title":"{{title}}"}{{more}}}""";

    /// <summary>One answer: its result, topic and offset.</summary>
    public async Task<string> PublishAsync(string publication) => Describe(await SendAsync(publication));

    /// <summary>The answers of a batch, in order.</summary>
    public async Task<IReadOnlyList<string>> PublishAsync(IEnumerable<string> publications) =>
        [.. (await SendAsync($$"""{"items":[{{string.Join(',', publications)}}]}""")).GetProperty("items").EnumerateArray().Select(Describe)];

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(string body)
    {
        while (true)
        {
            try
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var response = await _http.PostAsync(new Uri("/v1/publish", UriKind.Relative), content, Cancel);
                var text = await response.Content.ReadAsStringAsync(Cancel);
                if (response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
                    return JsonDocument.Parse(text).RootElement;
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                // Nobody knows what became of it.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancel);
        }
    }

    private static string Describe(JsonElement item) =>
        string.Join(' ', Told.Where(name => item.TryGetProperty(name, out _)).Select(name => item.GetProperty(name).ToString()));
}
