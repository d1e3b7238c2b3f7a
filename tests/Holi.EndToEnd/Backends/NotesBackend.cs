using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Holi.Load.Gateways;
using Holi.Servers;

namespace Holi.EndToEnd.Backends;

/// <summary>A gateway process whose notes are written by a model server in another process, and a backend that asks it for them.</summary>
internal sealed class NotesBackend : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly GatewayProcess _gateway;

    private NotesBackend(ModelServer model, GatewayProcess gateway)
    {
        (Model, _gateway) = (model, gateway);
        _http = new HttpClient { BaseAddress = new UriBuilder(gateway.Endpoint) { Scheme = "http", Path = "/" }.Uri };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Tokens.For("emr", scope: "holi.notes"));
    }

    public ModelServer Model { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<NotesBackend> StartAsync()
    {
        var model = await ModelServer.StartAsync(Cancel);
        var settings = new Dictionary<string, string> { ["CoPilot__Providers__local__Endpoint"] = model.V1.ToString() };
        return new NotesBackend(model, await GatewayProcess.StartAsync(null, TimeProvider.System, Cancel, settings));
    }

    /// <summary>The note of a consultation: who wrote it, and what the patient came for.</summary>
    public async Task<(string Source, string? Complaint)> AskAsync(string opening, string complaint)
    {
        var text = JsonEncodedText.Encode($"Doctor: {opening}\nPatient: {complaint}\nDoctor: Come back in a week.");
        using var body = new StringContent($$"""{"transcript":{"language":"en","text":"{{text}}"} }""", Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri("/v1/notes", UriKind.Relative), body, Cancel);
        using var note = JsonDocument.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancel));
        var found = note.RootElement.TryGetProperty("chiefComplaint", out var stated) ? stated.GetProperty("text").GetString() : null;
        return (note.RootElement.GetProperty("provenance").GetProperty("source").GetString()!, found);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _gateway.DisposeAsync();
        await Model.DisposeAsync();
    }
}
