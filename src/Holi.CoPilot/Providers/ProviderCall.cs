using System.Text;
using Microsoft.Extensions.AI;

namespace Holi.CoPilot.Providers;

/// <summary>
/// One call to a model: the text as it comes, and what became of it. A finish reason is believed only where it is bad news: whether an answer is whole is seen in the
/// answer itself.
/// </summary>
internal sealed class ProviderCall(ProviderOptions options, CoPilotLimits limits, TimeProvider time)
{
    /// <summary>The answer.</summary>
    /// <param name="client">Speaks to the provider.</param>
    /// <param name="messages">What is asked.</param>
    /// <param name="settings">How.</param>
    /// <param name="onText">Gets each piece.</param>
    /// <param name="cancel">Nobody waits any more, or the provider's time is over; which of both, the caller knows.</param>
    /// <exception cref="ProviderFailedException">There is none.</exception>
    public async Task<ModelReply> AskAsync(
        IChatClient client, IReadOnlyList<ChatMessage> messages, ChatOptions settings, Action<string> onText, CancellationToken cancel)
    {
        var startedAt = time.GetTimestamp();
        using var silence = new CancellationTokenSource(options.FirstTokenTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancel);
        var reply = new Reply(limits.AnswerChars);
        try
        {
            if (options.IsStreamed)
                await ReadAsync(client, messages, settings, reply, onText, silence, both.Token).ConfigureAwait(false);
            else
                reply.Add(await client.GetResponseAsync(messages, settings, both.Token).ConfigureAwait(false), onText);
        }
        catch (Exception e) when (cancel.IsCancellationRequested && e is not ProviderFailedException)
        {
            throw new OperationCanceledException(cancel);
        }
        catch (Exception) when (silence.IsCancellationRequested)
        {
            throw new ProviderFailedException(ProviderFailure.Timeout) { Waited = time.GetElapsedTime(startedAt) };
        }
        // Whatever a library throws at what a provider sent. Its message may repeat that, so nothing of it is kept.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var failed = ProviderFailedException.Of(e);
            throw new ProviderFailedException(failed.Failure, failed.RetryAfter) { Waited = time.GetElapsedTime(startedAt) };
        }
        return reply.Whole(options.IsStreamed);
    }

    private async Task ReadAsync(
        IChatClient client, IReadOnlyList<ChatMessage> messages, ChatOptions settings, Reply reply, Action<string> onText,
        CancellationTokenSource silence, CancellationToken cancel)
    {
        await foreach (var update in client.GetStreamingResponseAsync(messages, settings, cancel).ConfigureAwait(false))
        {
            silence.CancelAfter(options.IdleTimeout);
            reply.Add(update, onText);
        }
    }

    private sealed class Reply(int charsMax)
    {
        private readonly StringBuilder _text = new();
        private ChatFinishReason? _finish;
        private string? _model;
        private long _input, _output;

        public void Add(ChatResponseUpdate update, Action<string> onText)
        {
            _model = update.ModelId ?? _model;
            _finish = update.FinishReason ?? _finish;
            foreach (var usage in update.Contents.OfType<UsageContent>())
                Add(usage.Details);
            Add(update.Text, onText);
        }

        public void Add(ChatResponse response, Action<string> onText)
        {
            (_model, _finish) = (response.ModelId, response.FinishReason);
            Add(response.Usage);
            Add(response.Text, onText);
        }

        public ModelReply Whole(bool isStreamed)
        {
            if (_finish == ChatFinishReason.ContentFilter)
                throw new ProviderFailedException(ProviderFailure.Declined);
            // One that just stops, without saying that it is done, was cut.
            if (isStreamed && _finish is null)
                throw new ProviderFailedException(ProviderFailure.Cut);
            return new ModelReply(_text.ToString(), string.IsNullOrEmpty(_model) ? null : _model, _input, _output);
        }

        // Some send it once, some with each piece, growing.
        private void Add(UsageDetails? usage)
        {
            _input = Math.Max(_input, usage?.InputTokenCount ?? 0);
            _output = Math.Max(_output, usage?.OutputTokenCount ?? 0);
        }

        private void Add(string text, Action<string> onText)
        {
            if (text.Length == 0)
                return;
            if (_text.Length + text.Length > charsMax)
                throw new ProviderFailedException(ProviderFailure.TooLarge);
            _text.Append(text);
            onText(text);
        }
    }
}
