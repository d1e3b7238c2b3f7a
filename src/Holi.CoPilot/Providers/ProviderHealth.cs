using System.Net.Http.Headers;
using System.Text.Json;
using Holi.CoPilot.Providers.Anthropic;

namespace Holi.CoPilot.Providers;

/// <summary>
/// Asks a provider for its list of models: that costs no tokens and shows that it is there, that the key is good, and what it runs.
/// </summary>
internal sealed class ProviderHealth(ProviderOptions options, HttpClient http, CoPilotLimits limits, TimeProvider time)
{
    // A list of models is a few kB.
    private const int ListBytesMax = 1 << 20;

    private readonly Uri _models = new(options.Endpoint.ToString().TrimEnd('/') + (options.Api == ProviderApi.Anthropic ? "/v1/models?limit=100" : "/models"));

    /// <summary>The first model that it lists, or an empty text where it lists none.</summary>
    /// <exception cref="ProviderFailedException">It does not answer, or not with a list.</exception>
    public async Task<string> CheckAsync(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(limits.HealthTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, _models);
        if (options.Api == ProviderApi.Anthropic)
            request.Headers.Add("anthropic-version", MessagesClient.Version);
        if (options.Key is { Length: > 0 } key)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            return FirstOf(await ReadAsync(response, both.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new ProviderFailedException(ProviderFailure.Timeout);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using var body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        using var bytes = new MemoryStream();
        var buffer = new byte[8192];
        while (await body.ReadAsync(buffer, cancel).ConfigureAwait(false) is > 0 and var read)
        {
            if (bytes.Length + read > ListBytesMax)
                throw new ProviderFailedException(ProviderFailure.TooLarge);
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }

    // {"data": [{"id": "…"}, …]}, of both.
    private static string FirstOf(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var model in document.RootElement.GetProperty("data").EnumerateArray())
                return model.GetProperty("id").GetString() ?? "";
            return "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ProviderFailedException(ProviderFailure.Failed);
        }
    }
}
