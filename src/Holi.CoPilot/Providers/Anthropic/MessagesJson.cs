using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holi.CoPilot.Providers.Anthropic;

/// <summary>A request of Anthropic's Messages API, version 2026-10-21. It takes no temperature.</summary>
internal sealed record MessagesRequest(
    string Model, int MaxTokens, string? System, IReadOnlyList<MessagesTurn> Messages, bool Stream, MessagesOutput? OutputConfig);

/// <param name="Role">user or assistant.</param>
/// <param name="Content">Text.</param>
internal sealed record MessagesTurn(string Role, string Content);

internal sealed record MessagesOutput(MessagesFormat Format);

internal sealed record MessagesFormat(string Type, JsonElement Schema);

/// <summary>A whole answer.</summary>
internal sealed record MessagesReply(string? Model, IReadOnlyList<MessagesBlock>? Content, string? StopReason, MessagesUsage? Usage);

internal sealed record MessagesBlock(string? Type, string? Text);

internal sealed record MessagesUsage(long? InputTokens, long? OutputTokens, long? CacheReadInputTokens, long? CacheCreationInputTokens);

/// <summary>One event of an answer that is being written.</summary>
internal sealed record MessagesEvent(string? Type, MessagesReply? Message, MessagesDelta? Delta, MessagesUsage? Usage, MessagesError? Error);

internal sealed record MessagesDelta(string? Type, string? Text, string? StopReason);

internal sealed record MessagesError(string? Type);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MessagesRequest))]
[JsonSerializable(typeof(MessagesReply))]
[JsonSerializable(typeof(MessagesEvent))]
internal sealed partial class MessagesJson : JsonSerializerContext;
