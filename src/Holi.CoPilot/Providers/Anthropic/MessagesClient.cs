using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Holi.CoPilot.Providers.Anthropic;

/// <summary>
/// Anthropic's Messages API, as much of it as a note needs, for the native binary: the official library needs reflection. Both are held to the same tests.
/// </summary>
internal sealed class MessagesClient(HttpClient http, Uri endpoint, string key, string model) : IChatClient
{
    /// <summary>Of the API. The official library of the same time sends the same.</summary>
    public const string Version = "2026-10-21";

    private readonly Uri _messages = new(endpoint.ToString().TrimEnd('/') + "/v1/messages");

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(messages, options, isStreamed: false, cancellationToken).ConfigureAwait(false);
        var reply = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        var text = string.Concat((reply.Content ?? []).Where(block => block.Type == "text").Select(block => block.Text));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
        {
            ModelId = reply.Model,
            FinishReason = FinishOf(reply.StopReason),
            Usage = reply.Usage is { } usage ? UsageOf(usage) : null,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync(messages, options, isStreamed: true, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            string? answering = null;
            await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken).ConfigureAwait(false))
            {
                var told = EventOf(item.Data);
                if (told.Type == "error")
                    throw new ProviderFailedException(told.Error?.Type == "overloaded_error" ? ProviderFailure.Overloaded : ProviderFailure.Failed);
                if (told.Type == "message_stop")
                    yield break;
                answering = told.Message?.Model ?? answering;
                if (UpdateOf(told) is { } update)
                {
                    update.ModelId = answering;
                    yield return update;
                }
            }
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The connection belongs to whoever made it.
    }

    private async Task<HttpResponseMessage> SendAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreamed, CancellationToken cancel)
    {
        var all = messages.ToList();
        var system = string.Join("\n\n", all.Where(message => message.Role == ChatRole.System).Select(message => message.Text));
        var format = options?.ResponseFormat is ChatResponseFormatJson { Schema: { } schema } ? new MessagesOutput(new MessagesFormat("json_schema", schema)) : null;
        var body = new MessagesRequest(
            model, options?.MaxOutputTokens ?? throw new ArgumentException("The tokens of the answer must be limited."), system.Length > 0 ? system : null,
            [.. all.Where(message => message.Role != ChatRole.System).Select(message => new MessagesTurn(message.Role.Value, message.Text))],
            isStreamed, format);
        using var request = new HttpRequestMessage(HttpMethod.Post, _messages) { Content = JsonContent.Create(body, MessagesJson.Default.MessagesRequest) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("anthropic-version", Version);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(isStreamed ? "text/event-stream" : "application/json"));
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
    }

    private static async Task<MessagesReply> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(MessagesJson.Default.MessagesReply, cancel).ConfigureAwait(false)
                ?? throw new ProviderFailedException(ProviderFailure.Failed);
        }
        catch (JsonException)
        {
            throw new ProviderFailedException(ProviderFailure.Failed);
        }
    }

    private static MessagesEvent EventOf(string data)
    {
        try
        {
            return JsonSerializer.Deserialize(data, MessagesJson.Default.MessagesEvent) ?? new MessagesEvent(null, null, null, null, null);
        }
        catch (JsonException)
        {
            throw new ProviderFailedException(ProviderFailure.Failed);
        }
    }

    private static ChatResponseUpdate? UpdateOf(MessagesEvent told) => told.Type switch
    {
        "message_start" when told.Message?.Usage is { } usage => new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(UsageOf(usage with { OutputTokens = null }))]),
        "content_block_delta" when told.Delta is { Type: "text_delta", Text: { } text } => new ChatResponseUpdate(ChatRole.Assistant, text),
        "message_delta" => new ChatResponseUpdate(
            ChatRole.Assistant, told.Usage is { } usage ? [new UsageContent(UsageOf(usage with { InputTokens = null, CacheReadInputTokens = null, CacheCreationInputTokens = null }))] : [])
        {
            FinishReason = FinishOf(told.Delta?.StopReason),
        },
        _ => null,
    };

    private static UsageDetails UsageOf(MessagesUsage usage) => new()
    {
        InputTokenCount = usage.InputTokens is { } input ? input + (usage.CacheReadInputTokens ?? 0) + (usage.CacheCreationInputTokens ?? 0) : null,
        OutputTokenCount = usage.OutputTokens,
    };

    private static ChatFinishReason? FinishOf(string? reason) => reason switch
    {
        null => null,
        "end_turn" or "stop_sequence" => ChatFinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
        "refusal" => ChatFinishReason.ContentFilter,
        _ => new ChatFinishReason(reason),
    };
}
