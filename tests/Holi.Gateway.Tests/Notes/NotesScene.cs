using System.Net.Http.Headers;
using System.Text;
using Holi.Gateway.Tests.Connections.Sockets;
using Holi.Servers;

namespace Holi.Gateway.Tests.Notes;

/// <summary>A gateway that has notes written by a model server in another process, and a backend that asks for them.</summary>
internal sealed class NotesScene : IAsyncDisposable
{
    private NotesScene(ModelServer model, RunningGateway gateway) => (Model, Gateway) = (model, gateway);

    public const string Asked =
        """{"transcript":{"language":"en","text":"Doctor: What brings you in?\nPatient: My knee hurts since Monday.\nDoctor: Rest it for one week."}}""";

    public ModelServer Model { get; }

    public RunningGateway Gateway { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<NotesScene> StartAsync(params (string Name, string Value)[] settings)
    {
        var model = await ModelServer.StartAsync(Cancel);
        return new NotesScene(model, await GatewayAsync(model, settings));
    }

    /// <summary>Another gateway before the same model.</summary>
    public static Task<RunningGateway> GatewayAsync(ModelServer model, params (string Name, string Value)[] settings) => RunningGateway.StartAsync(
        [("CoPilot:Providers:local:Endpoint", model.V1.ToString()), ("CoPilot:Providers:local:Model", "tiny"), ("CoPilot:Providers:local:CallsPerMinute", "100000"), .. settings]);

    public Task<HttpResponseMessage> AskAsync(string json, string? scopes = "holi.notes", string? accept = null, string mediaType = "application/json") =>
        AskAsync(Gateway, json, scopes, accept, mediaType: mediaType);

    public static async Task<HttpResponseMessage> AskAsync(
        RunningGateway gateway, string json, string? scopes = "holi.notes", string? accept = null, string user = "emr", string mediaType = "application/json", CancellationToken? leaving = null)
    {
        using var http = new HttpClient { BaseAddress = gateway.Http };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/notes", UriKind.Relative)) { Content = new StringContent(json, Encoding.UTF8, mediaType) };
        // A gateway that refuses a large body does not read it: whoever would send it all the same may see a broken connection before the answer.
        request.Headers.ExpectContinue = json.Length > 1 << 20;
        if (scopes is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token(user, scopes: scopes));
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        return await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, leaving ?? Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Model.DisposeAsync();
    }
}
