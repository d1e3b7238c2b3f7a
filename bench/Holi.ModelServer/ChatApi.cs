using System.Text.Json.Nodes;

namespace Holi.ModelServer;

/// <summary>OpenAI's Chat Completions, as LM Studio, Ollama, llama.cpp and vLLM speak it: what of it a client can notice.</summary>
internal sealed class ChatApi(Control control) : ModelApi(control)
{
    protected override JsonObject Error(int status, string message) => new()
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = status == 429 ? "requests" : "invalid_request_error", ["param"] = null, ["code"] = null },
    };

    protected override (int Status, string Message)? Wrong(HttpContext context, JsonObject body) =>
        body["model"] is null || body["messages"] is not JsonArray { Count: > 0 } ? (400, "you must provide a model and messages") : null;

    protected override (string System, string User) Prompt(JsonObject body)
    {
        var messages = body["messages"]!.AsArray();
        return (Of("system"), Of("user"));

        string Of(string role) => messages.FirstOrDefault(message => (string?)message!["role"] == role) is { } found ? TextOf(found["content"]) : "";
    }

    protected override JsonObject Whole(string model, string text, string finish) => new()
    {
        ["id"] = "chatcmpl-fake", ["object"] = "chat.completion", ["created"] = 0, ["model"] = model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text, ["refusal"] = null },
            ["logprobs"] = null,
            ["finish_reason"] = Reason(finish),
        }),
        ["usage"] = Usage(text),
    };

    protected override IEnumerable<(string? Event, string Data)> Begin(JsonObject body, string model)
    {
        yield return (null, Chunk(model, new JsonObject { ["role"] = "assistant", ["content"] = "" }, null));
    }

    protected override (string? Event, string Data) Piece(string model, string text) => (null, Chunk(model, new JsonObject { ["content"] = text }, null));

    protected override IEnumerable<(string? Event, string Data)> End(JsonObject body, string model, string text, string finish)
    {
        yield return (null, Chunk(model, [], Reason(finish)));
        if (body["stream_options"]?["include_usage"] is { } wanted && (bool)wanted)
        {
            yield return (null, new JsonObject
            {
                ["id"] = "chatcmpl-fake", ["object"] = "chat.completion.chunk", ["created"] = 0, ["model"] = model, ["choices"] = new JsonArray(), ["usage"] = Usage(text),
            }.ToJsonString());
        }
        yield return (null, "[DONE]");
    }

    protected override (string? Event, string Data) ErrorPiece(string message) => (null, Error(500, message).ToJsonString());

    private static string Reason(string finish) => finish == "refusal" ? "content_filter" : finish;

    private static JsonObject Usage(string text) => new()
    {
        ["prompt_tokens"] = InputTokens, ["completion_tokens"] = OutputTokens(text), ["total_tokens"] = InputTokens + OutputTokens(text),
    };

    private static string Chunk(string model, JsonObject delta, string? finish) => new JsonObject
    {
        ["id"] = "chatcmpl-fake", ["object"] = "chat.completion.chunk", ["created"] = 0, ["model"] = model,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish }),
    }.ToJsonString();
}
