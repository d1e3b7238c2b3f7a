using Microsoft.Extensions.AI;
using Polly.CircuitBreaker;

namespace Holi.CoPilot.Providers;

/// <summary>One provider: who speaks to it, what is known of it, and how calls to it are retried and held back. Thread-safe.</summary>
internal sealed class Provider : IDisposable
{
    private readonly HttpClient _http;
    private readonly ProviderHealth _health;
    private readonly TimeProvider _time;
    private readonly CallPolicy _policy;
    private readonly ProviderCall _call;
    private volatile Speaker? _speaker;

    public Provider(ProviderOptions options, CoPilotLimits limits, TimeProvider time, Random random)
    {
        (Options, _time) = (options, time);
        _http = GuardedTransport.Client(limits.AnswerBytes, time);
        _health = new ProviderHealth(options, _http, limits, time);
        State = new ProviderState(options, limits);
        _policy = new CallPolicy(limits, State, time, random);
        _call = new ProviderCall(options, limits, time);
    }

    public ProviderOptions Options { get; }

    public ProviderState State { get; }

    public CircuitState Circuit => _policy.Circuit;

    /// <summary>The model that will be asked.</summary>
    /// <exception cref="ProviderFailedException">None is configured, and the provider lists none.</exception>
    public async Task<string> ModelAsync(CancellationToken cancel)
    {
        if (State.RecentModel(Now) is { } model)
            return model;
        var listed = await _health.CheckAsync(cancel).ConfigureAwait(false);
        if (listed.Length == 0)
            throw new ProviderFailedException(ProviderFailure.Rejected);
        State.Listed(listed, Now);
        return listed;
    }

    /// <summary>One answer of the model, with as many tries as the policy and the time allow.</summary>
    /// <param name="model">From <see cref="ModelAsync"/>.</param>
    /// <param name="messages">What is asked.</param>
    /// <param name="settings">How.</param>
    /// <param name="until">When the provider's time is over, by <see cref="Now"/>.</param>
    /// <param name="mayWait">It is the last one to be asked: its rate is waited for.</param>
    /// <param name="onBegin">A try begins: what was written before it is void.</param>
    /// <param name="onText">Gets each piece.</param>
    /// <param name="cancel">Nobody waits any more.</param>
    /// <exception cref="ProviderFailedException">There is none.</exception>
    public Task<ModelReply> AskAsync(
        string model, IReadOnlyList<ChatMessage> messages, ChatOptions settings, TimeSpan until, bool mayWait, Action onBegin, Action<string> onText, CancellationToken cancel) =>
        _policy.RunAsync(
            until, mayWait, () => Now,
            token =>
            {
                onBegin();
                return _call.AskAsync(ClientFor(model), messages, settings, onText, token);
            },
            cancel);

    /// <summary>Looks whether it is there, if nobody has for a while. Never throws.</summary>
    public async Task CheckAsync(CancellationToken cancel)
    {
        if (!State.ShouldCheck(Now))
            return;
        try
        {
            var listed = await _health.CheckAsync(cancel).ConfigureAwait(false);
            if (listed.Length > 0)
                State.Listed(listed, Now);
            State.Note("up", null, _time.GetUtcNow());
        }
        catch (ProviderFailedException e)
        {
            State.Note(e.Message, null, _time.GetUtcNow());
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
    }

    /// <summary>A clock that does not go back.</summary>
    public TimeSpan Now => _time.GetElapsedTime(0);

    public void Dispose()
    {
        _speaker?.Client.Dispose();
        _http.Dispose();
    }

    private IChatClient ClientFor(string model)
    {
        if (_speaker is { } speaker && speaker.Model == model)
            return speaker.Client;
        // Two that are made at once are no harm: they share the connections.
        var made = new Speaker(model, ChatClients.Of(Options, model, _http));
        _speaker = made;
        return made.Client;
    }

    private sealed record Speaker(string Model, IChatClient Client);
}
