using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holi.Servers;

/// <summary>A fake model server (bench/Holi.ModelServer) in a process of its own: it answers, misbehaves on command, and remembers what it was sent.</summary>
public sealed class ModelServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly ServerProcess _process;

    private ModelServer(int port, ServerProcess process) => (Port, _process) = (port, process);

    public int Port { get; }

    /// <summary>For Anthropic's library.</summary>
    public Uri Root => new($"http://127.0.0.1:{Port}");

    /// <summary>For OpenAI's library.</summary>
    public Uri V1 => new($"http://127.0.0.1:{Port}/v1");

    public ServerProcess Process => _process;

    public static async Task<ModelServer> StartAsync(CancellationToken cancel)
    {
        var port = ServerProcess.FreePort();
        var start = new ProcessStartInfo("dotnet", [Find(), "--urls", $"http://127.0.0.1:{port}"]);
        var server = new ModelServer(port, new ServerProcess(() => start));
        await server.WaitUntilReadyAsync(cancel);
        return server;
    }

    /// <summary>From now on, until told otherwise. The words are in bench/Holi.ModelServer/Behaviour.cs.</summary>
    public Task AlwaysAsync(string behaviour) => SetAsync(new JsonObject { ["always"] = behaviour, ["next"] = new JsonArray() });

    /// <summary>The next requests, one each; then as before.</summary>
    public Task NextAsync(params string[] behaviours) => SetAsync(new JsonObject { ["next"] = new JsonArray([.. behaviours.Select(words => (JsonNode)words)]) });

    /// <summary>What <c>text</c> answers.</summary>
    public Task TextAsync(string text) => SetAsync(new JsonObject { ["text"] = text });

    /// <summary>Answers, and forgets what it was sent.</summary>
    public Task ResetAsync() => SetAsync(new JsonObject { ["always"] = "ok", ["next"] = new JsonArray(), ["forget"] = true });

    /// <summary>Path, headers and body of each request to a model, in order.</summary>
    public async Task<IReadOnlyList<JsonElement>> RequestsAsync()
    {
        var all = await _http.GetFromJsonAsync<JsonElement>(new Uri(Root, "/control/requests"));
        return [.. all.EnumerateArray()];
    }

    /// <summary>After a kill: the same port.</summary>
    public Task RestartAsync(CancellationToken cancel)
    {
        _process.Restart();
        return WaitUntilReadyAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process.HasExited)
            return;
        await _process.ResumeAsync();
        await _process.KillAsync();
    }

    private async Task SetAsync(JsonObject told)
    {
        using var content = new StringContent(told.ToJsonString());
        using var response = await _http.PostAsync(new Uri(Root, "/control"), content);
        response.EnsureSuccessStatusCode();
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await SetAsync([]);
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(began) < StartTimeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancel);
            }
            catch (HttpRequestException failed)
            {
                throw new InvalidOperationException($"The model server did not start:\n{_process.Output}", failed);
            }
        }
    }

    // Beside whoever asks, in the same configuration: .../tests/X/bin/Release/net10.0 → bench/Holi.ModelServer/bin/Release/net10.0.
    private static string Find()
    {
        var from = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (from.Name, from.Parent!.Name);
        for (var folder = from; folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Holi.sln")))
                continue;
            var program = Path.Combine(folder.FullName, "bench", "Holi.ModelServer", "bin", configuration, framework, "Holi.ModelServer.dll");
            return File.Exists(program) ? program : throw new InvalidOperationException("bench/Holi.ModelServer is not built: dotnet build bench/Holi.ModelServer.");
        }
        throw new InvalidOperationException("The repository was not found.");
    }
}
