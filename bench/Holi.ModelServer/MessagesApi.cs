using System.Text.Json.Nodes;

namespace Holi.ModelServer;

/// <summary>Anthropic's Messages API, 2026-10-21: what of it a client can notice.</summary>
internal sealed class MessagesApi(Control control) : ModelApi(control)
{
    protected override JsonObject Error(int status, string message) => new()
    {
        ["type"] = "error",
        ["error"] = new JsonObject
        {
            ["type"] = status switch
            {
                400 => "invalid_request_error",
                401 => "authentication_error",
                403 => "permission_error",
                404 => "not_found_error",
                429 => "rate_limit_error",
                529 => "overloaded_error",
                _ => "api_error",
            },
            ["message"] = message,
        },
        ["request_id"] = "req_fake",
    };

    protected override (int Status, string Message)? Wrong(HttpContext context, JsonObject body)
    {
        if (context.Request.Headers["x-api-key"].Count == 0 && context.Request.Headers.Authorization.Count == 0)
            return (401, "x-api-key header or bearer token is required");
        if (context.Request.Headers["anthropic-version"].Count == 0)
            return (400, "anthropic-version: header is required");
        if (body["temperature"] is not null || body["top_p"] is not null || body["top_k"] is not null)
            return (400, "temperature, top_p, top_k: no longer supported");
        if (body["model"] is null || body["max_tokens"] is null)
            return (400, "model, max_tokens: Field required");
        if (body["messages"] is not JsonArray { Count: > 0 } messages || (string?)messages[0]!["role"] != "user")
            return (400, "messages: first message must use the \"user\" role");
        return messages.Any(message => TextOf(message!["content"]).Length == 0) ? (400, "messages: text content blocks must be non-empty") : null;
    }

    protected override (string System, string User) Prompt(JsonObject body) =>
        (TextOf(body["system"]), TextOf(body["messages"]!.AsArray().First(message => (string?)message!["role"] == "user")!["content"]));

    protected override JsonObject Whole(string model, string text, string finish) => Message(model, [new JsonObject { ["type"] = "text", ["text"] = text }], Reason(finish), Usage(text));

    protected override IEnumerable<(string? Event, string Data)> Begin(JsonObject body, string model)
    {
        yield return Named(new JsonObject { ["type"] = "message_start", ["message"] = Message(model, [], null, new JsonObject { ["input_tokens"] = InputTokens, ["output_tokens"] = 1 }) });
        yield return Named(new JsonObject { ["type"] = "content_block_start", ["index"] = 0, ["content_block"] = new JsonObject { ["type"] = "text", ["text"] = "" } });
        yield return Named(new JsonObject { ["type"] = "ping" });
    }

    protected override (string? Event, string Data) Piece(string model, string text) => Named(new JsonObject
    {
        ["type"] = "content_block_delta", ["index"] = 0, ["delta"] = new JsonObject { ["type"] = "text_delta", ["text"] = text },
    });

    protected override IEnumerable<(string? Event, string Data)> End(JsonObject body, string model, string text, string finish)
    {
        yield return Named(new JsonObject { ["type"] = "content_block_stop", ["index"] = 0 });
        yield return Named(new JsonObject
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = Reason(finish), ["stop_sequence"] = null },
            ["usage"] = new JsonObject { ["output_tokens"] = OutputTokens(text) },
        });
        yield return Named(new JsonObject { ["type"] = "message_stop" });
    }

    protected override (string? Event, string Data) ErrorPiece(string message) => ("error", Error(529, message).ToJsonString());

    private static string Reason(string finish) => finish switch
    {
        "length" => "max_tokens",
        "refusal" => "refusal",
        _ => "end_turn",
    };

    private static (string?, string) Named(JsonObject data) => ((string?)data["type"], data.ToJsonString());

    private static JsonObject Usage(string text) => new()
    {
        ["input_tokens"] = InputTokens, ["output_tokens"] = OutputTokens(text), ["cache_creation_input_tokens"] = 0, ["cache_read_input_tokens"] = 0,
    };

    private static JsonObject Message(string model, JsonArray content, string? reason, JsonObject usage) => new()
    {
        ["id"] = "msg_fake", ["type"] = "message", ["role"] = "assistant", ["model"] = model, ["content"] = content, ["stop_reason"] = reason, ["stop_sequence"] = null,
        ["usage"] = usage,
    };
}
