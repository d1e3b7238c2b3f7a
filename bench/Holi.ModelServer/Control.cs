using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Holi.ModelServer;

/// <summary>What the server was told to do, and what it was sent.</summary>
/// <param name="answer">What it always answers; null: a note made of the prompt.</param>
/// <param name="model">What it calls itself.</param>
internal sealed class Control(string? answer, string? model)
{
    // A run of a thousand consultations with repairs, and then it is only counted.
    private const int RequestsMax = 20_000;

    private readonly ConcurrentQueue<Behaviour> _next = new();
    private readonly ConcurrentQueue<JsonObject> _requests = new();
    private volatile Behaviour _always = answer is null ? Behaviour.Ok : new Behaviour("text");
    private volatile string _text = answer ?? "";
    private volatile string _model = model ?? "fake-model-1";
    private int _count;

    public string Text => _text;

    public string Model => _model;

    public Behaviour Next() => _next.TryDequeue(out var next) ? next : _always;

    /// <summary><c>{"always": "…", "next": ["…"], "text": "…", "model": "…", "forget": true}</c>; what is left out stays.</summary>
    public async Task SetAsync(HttpContext context)
    {
        var told = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        if (told["always"] is { } always)
            _always = Behaviour.Parse((string)always!);
        if (told["text"] is { } text)
            _text = (string)text!;
        if (told["model"] is { } name)
            _model = (string)name!;
        if (told["next"] is JsonArray next)
        {
            _next.Clear();
            foreach (var words in next)
                _next.Enqueue(Behaviour.Parse((string)words!));
        }
        if (told["forget"] is not null)
        {
            _requests.Clear();
            Volatile.Write(ref _count, 0);
        }
    }

    public void Remember(HttpContext context, JsonObject body)
    {
        if (Interlocked.Increment(ref _count) > RequestsMax)
            return;
        _requests.Enqueue(new JsonObject
        {
            ["path"] = context.Request.Path.ToString(),
            ["headers"] = new JsonObject(context.Request.Headers.Select(header => new KeyValuePair<string, JsonNode?>(header.Key, header.Value.ToString()))),
            ["body"] = body.DeepClone(),
        });
    }

    public Task RequestsAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonArray([.. _requests.Select(request => request.DeepClone())]).ToJsonString());
    }
}
