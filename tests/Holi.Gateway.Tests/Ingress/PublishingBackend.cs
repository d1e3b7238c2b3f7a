using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Holi.Gateway.Tests.Connections.Sockets;

namespace Holi.Gateway.Tests.Ingress;

/// <summary>A backend that publishes to a running gateway over HTTP.</summary>
internal sealed class PublishingBackend : IDisposable
{
    private readonly HttpClient _http;

    public PublishingBackend(RunningGateway gateway, string? scopes = "holi.publish", string backend = "lab")
    {
        _http = new HttpClient { BaseAddress = gateway.Http };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token(backend, scopes: scopes));
    }

    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<Reply> PublishAsync(string json) => PublishAsync(new StringContent(json, Encoding.UTF8, "application/json"));

    public async Task<Reply> PublishAsync(HttpContent body)
    {
        using (body)
        using (var response = await _http.PostAsync(new Uri("/v1/publish", UriKind.Relative), body, Cancel))
            return await ReadAsync(response);
    }

    public async Task<Reply> CancelAsync(string key)
    {
        using var response = await _http.DeleteAsync(new Uri("/v1/publish/" + key, UriKind.Relative), Cancel);
        return await ReadAsync(response);
    }

    public static string Alert(string key, string target = "user/ana", string title = "Potassium", string more = "") =>
        $$"""{"key":"{{key}}","target":"{{target}}","kind":"notification","content":{"title":"{{title}}"}{{more}}}""";

    public static string Line(string key, string text, string target = "conversation/room") =>
        $$"""{"key":"{{key}}","target":"{{target}}","kind":"message.post","content":{"text":"{{text}}"} }""";

    public void Dispose() => _http.Dispose();

    private static async Task<Reply> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Cancel);
        using var document = text.Length == 0 ? null : JsonDocument.Parse(text);
        return new Reply(
            response.StatusCode, response.Content.Headers.ContentType?.MediaType, response.Headers.RetryAfter?.Delta, text,
            document?.RootElement.Clone() ?? default);
    }
}

/// <summary>What a gateway answered.</summary>
internal sealed record Reply(HttpStatusCode Status, string? MediaType, TimeSpan? RetryAfter, string Text, JsonElement Root)
{
    public string Result => Of(Root, "result");
    public int Code => Root.TryGetProperty("code", out var code) ? code.GetInt32() : 0;
    public IReadOnlyList<string> Items => [.. Root.GetProperty("items").EnumerateArray().Select(Describe)];

    /// <summary>Result, topic, offset and code, as far as they are there.</summary>
    public string What => Describe(Root);

    private static string Describe(JsonElement item) => string.Join(
        ' ', new[] { Of(item, "result"), Of(item, "topic"), Of(item, "offset"), Of(item, "code") }.Where(part => part.Length > 0));

    private static string Of(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.ToString() : "";
}
