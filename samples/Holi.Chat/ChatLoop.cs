using Holi.Chat.Device;
using Holi.Chat.Rooms;
using Holi.Chat.Screens;
using Holi.Client;

namespace Holi.Chat;

/// <summary>
/// One loop owns all that is shown. What happens elsewhere (events, people, the connection, keys, the clock) is posted to its <see cref="Inbox"/>,
/// so nothing here needs a lock; after each batch the screen is shown anew.
/// </summary>
internal sealed class ChatLoop
{
    private const int RecentEvents = 200;
    private static readonly TimeSpan ClockEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastSendTimeout = TimeSpan.FromSeconds(5);

    private readonly Inbox _inbox = new();
    private readonly ChatDevice _device;
    private readonly Room _room;
    private readonly IScreen _screen;
    private readonly TimeProvider _time;
    private readonly Transcript _transcript;
    private readonly SlashCommands _commands;
    private IReadOnlyList<Person> _people = [];
    private string _draft = "";
    private ulong _markedRead;
    private bool _isOver;

    public ChatLoop(ChatDevice device, Room room, IScreen screen, TimeProvider time)
    {
        (_device, _room, _screen, _time) = (device, room, screen, time);
        _transcript = new Transcript(device.Client.User, time.GetUtcNow());
        _commands = new SlashCommands(device, Conversation, _transcript, () => _people, Say, Follow);
    }

    private Conversation Conversation => _room.Conversation;

    /// <summary>Chats until the person goes.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var stop = ended.Token;
        if (Conversation.Unread is > 0 and var unread)
            Say($"{unread} unread");
        foreach (var happened in await Conversation.ReadBackAsync(count: RecentEvents, cancellation: stop))
            Apply(happened);
        var sources = Task.WhenAll(
            _inbox.RunAsync(EnterAsync, stop), _inbox.RunAsync(ReadEventsAsync, stop), _inbox.RunAsync(WatchPeopleAsync, stop),
            _inbox.RunAsync(WatchStatusAsync, stop), _inbox.RunAsync(WatchClockAsync, stop), _inbox.RunAsync(ReadScreenAsync, stop));
        try
        {
            while (!_isOver && await _inbox.TakeAsync(stop))
            {
                await MarkReadAsync(stop);
                Show();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl+C is a way to go like any other.
        }
        finally
        {
            await ended.CancelAsync();
            _inbox.Close();
            await sources;
        }
    }

    // ── what comes in ──

    private async Task EnterAsync(CancellationToken stop)
    {
        if (await _room.EnterAsync(stop) is { } words)
            await _inbox.PostAsync(() => Say(words), stop);
    }

    private async Task ReadEventsAsync(CancellationToken stop)
    {
        await foreach (var happened in Conversation.Events(_transcript.Last, stop))
            await _inbox.PostAsync(() => Apply(happened), stop);
    }

    private async Task WatchPeopleAsync(CancellationToken stop)
    {
        await using var watch = await Conversation.WatchAsync(stop);
        await foreach (var people in watch.WatchAsync(stop))
            await _inbox.PostAsync(() => _transcript.SetPeople(_people = people), stop);
    }

    private async Task WatchStatusAsync(CancellationToken stop)
    {
        // What is shown is the newest: the loop only needs to know that there is one.
        await foreach (var _ in _device.Client.Status.WatchAsync(stop))
            await _inbox.PostAsync(() => { }, stop);
    }

    private async Task WatchClockAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(ClockEvery, _time);
        while (await timer.WaitForNextTickAsync(stop))
            await _inbox.PostAsync(() => { }, stop);
    }

    private async Task ReadScreenAsync(CancellationToken stop)
    {
        await foreach (var typed in _screen.ReadAsync(stop))
            await _inbox.PostAsync(() => OnTypedAsync(typed, stop), stop);
    }

    // ── what is done about it ──

    private void Apply(ConversationEvent happened)
    {
        if (Conversation.Summary is { Member: > 0 } known)
        {
            _transcript.Learn(known.Member, _device.Client.User);
            _transcript.ReadAtStart ??= known.Read;
        }
        _transcript.Apply(happened);
    }

    private async ValueTask OnTypedAsync(Typed typed, CancellationToken stop)
    {
        var before = _draft;
        _draft = typed.Did == Did.Wrote ? typed.Text : "";
        switch (typed.Did)
        {
            // Now or never: without a connection nobody learns of it.
            case Did.Wrote when _draft.Length > 0 ? _draft[0] != '/' : before.Length > 0 && before[0] != '/':
                Conversation.Typing(_draft.Length > 0);
                break;
            case Did.Entered when typed.Text.StartsWith('/'):
                _isOver = await _commands.RunAsync(typed.Text, stop);
                break;
            case Did.Entered when !string.IsNullOrWhiteSpace(typed.Text):
                await SendAsync(typed.Text, stop);
                break;
            case Did.Ended:
                _ = _inbox.RunAsync(QuitWhenSentAsync, stop);
                break;
            case Did.Quit:
                _isOver = true;
                break;
        }
    }

    private async Task SendAsync(string text, CancellationToken stop)
    {
        try
        {
            // Returns when the message is on this device's disk. From here on it cannot be lost.
            var queued = await Conversation.SendAsync(text, stop);
            var key = _transcript.Queue(text, _time.GetUtcNow());
            Follow(queued, refusal => _transcript.Answered(key, refusal), stop);
        }
        catch (Exception e) when (e is OutboxFullException or DeviceStoreException or ArgumentException)
        {
            Say(e.Message);
        }
    }

    private async ValueTask MarkReadAsync(CancellationToken stop)
    {
        if (_transcript.LastOfOthers <= Math.Max(_markedRead, Conversation.Summary?.Read ?? 0))
            return;
        _markedRead = _transcript.LastOfOthers;
        await Conversation.MarkReadAsync(_markedRead, stop);
    }

    private void Follow(QueuedCommand queued, Action<string?> answered, CancellationToken stop) => _ = _inbox.RunAsync(
        async token =>
        {
            var refusal = await Answers.RefusalOfAsync(queued, token);
            await _inbox.PostAsync(() => answered(refusal), token);
        },
        stop);

    private async Task QuitWhenSentAsync(CancellationToken stop)
    {
        await Answers.AllSentAsync(_device.Client.Status, LastSendTimeout, _time, stop);
        await _inbox.PostAsync(() => _isOver = true, stop);
    }

    private void Say(string words)
    {
        foreach (var line in words.Split('\n'))
            _transcript.Say(line, _time.GetUtcNow());
    }

    private void Show() => _screen.Show(new ChatView(
        _device.Client.User, _room.Title, _device.Gateway, _device.Client.Status.Current, _device.IsOffline,
        [.. _people.Where(p => p.User != _device.Client.User)], _transcript.Lines(), _draft, _time.GetUtcNow()));
}
