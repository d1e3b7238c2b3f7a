using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Holi.CoPilot.Providers.OpenAi;

/// <summary>
/// Says <c>max_tokens</c> where OpenAI's library says <c>max_completion_tokens</c>: servers in a building know the older name, and some of them only that. OpenAI itself
/// refuses it for its newer models, so this is for local servers.
/// </summary>
internal sealed class MaxTokensChat(IChatClient inner) : DelegatingChatClient(inner)
{
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, Renamed(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(messages, Renamed(options), cancellationToken);

    private static ChatOptions? Renamed(ChatOptions? options)
    {
        if (options?.MaxOutputTokens is not { } tokens)
            return options;
        var renamed = options.Clone();
        renamed.MaxOutputTokens = null;
        renamed.RawRepresentationFactory = _ =>
        {
            var raw = new ChatCompletionOptions();
#pragma warning disable SCME0001 // Marked as new: it is the library's own way to say what it has no property for.
            raw.Patch.Set("$.max_tokens"u8, tokens);
#pragma warning restore SCME0001
            return raw;
        };
        return renamed;
    }
}
