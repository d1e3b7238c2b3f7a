using System.Threading.Channels;
using Holi.Chat.Device;
using Holi.Chat.Rooms;
using Holi.Chat.Screens;
using Holi.Client;

namespace Holi.Chat;

/// <summary>
/// One loop owns all that is shown. What happens elsewhere (events, people, the connection, keys, the clock) is posted to it, so nothing here
/// needs a lock; after each batch the screen is shown anew.
/// </summary>
internal sealed class ChatLoop
{
    // Whoever posts waits while this many are before them; a screen is redrawn after so many at the latest.
    private const int InboxMax = 256, BatchMax = 64;
    private const int RecentEvents = 200;
    private static readonly TimeSpan ClockEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastSendTimeout = TimeSpan.FromSeconds(5);

    private readonly Channel<Func<ValueTask>> _inbox = Channel.CreateBounded<Func<ValueTask>>(InboxMax);
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
            PostFromAsync(EnterAsync, stop), PostFromAsync(ReadEventsAsync, stop), PostFromAsync(WatchPeopleAsync, stop),
            PostFromAsync(WatchStatusAsync, stop), PostFromAsync(WatchClockAsync, stop), PostFromAsync(ReadScreenAsync, stop));
        try
        {
            while (!_isOver && await _inbox.Reader.WaitToReadAsync(stop))
            {
                for (var taken = 0; taken < BatchMax && _inbox.Reader.TryRead(out var happened); taken++)
                    await happened();
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
            _inbox.Writer.TryComplete();
            await sources;
        }
    }

    // ── what comes in ──

    private async Task EnterAsync(CancellationToken stop)
    {
        if (await _room.EnterAsync(stop) is { } words)
            await PostAsync(() => Say(words), stop);
    }

    private async Task ReadEventsAsync(CancellationToken stop)
    {
        await foreach (var happened in Conversation.Events(_transcript.Last, stop))
            await PostAsync(() => Apply(happened), stop);
    }

    private async Task WatchPeopleAsync(CancellationToken stop)
    {
        await using var watch = await Conversation.WatchAsync(stop);
        await foreach (var people in watch.WatchAsync(stop))
            await PostAsync(() => _transcript.SetPeople(_people = people), stop);
    }

    private async Task WatchStatusAsync(CancellationToken stop)
    {
        // What is shown is the newest: the loop only needs to know that there is one.
        await foreach (var _ in _device.Client.Status.WatchAsync(stop))
            await PostAsync(() => { }, stop);
    }

    private async Task WatchClockAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(ClockEvery, _time);
        while (await timer.WaitForNextTickAsync(stop))
            await PostAsync(() => { }, stop);
    }

    private async Task ReadScreenAsync(CancellationToken stop)
    {
        await foreach (var typed in _screen.ReadAsync(stop))
            await _inbox.Writer.WriteAsync(() => OnTypedAsync(typed, stop), stop);
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
                _ = PostFromAsync(QuitWhenSentAsync, stop);
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

    // The gateway answers in a moment, or in three days.
    private void Follow(QueuedCommand queued, Action<string?> answered, CancellationToken stop) => _ = PostFromAsync(
        async token =>
        {
            string? refusal = null;
            try
            {
                await queued.Committed.WaitAsync(token);
            }
            catch (CommandRefusedException e)
            {
                refusal = e.Message;
            }
            await PostAsync(() => answered(refusal), token);
        },
        stop);

    private async Task QuitWhenSentAsync(CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var timer = _time.CreateTimer(_ => patience.Cancel(), null, LastSendTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await foreach (var status in _device.Client.Status.WatchAsync(patience.Token))
            {
                if (status.QueuedCommands == 0)
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // It is on disk: next time.
        }
        await PostAsync(() => _isOver = true, stop);
    }

    private void Say(string words)
    {
        foreach (var line in words.Split('\n'))
            _transcript.Say(line, _time.GetUtcNow());
    }

    private void Show() => _screen.Show(new ChatView(
        _device.Client.User, _room.Title, _device.Gateway, _device.Client.Status.Current, _device.IsOffline,
        [.. _people.Where(p => p.User != _device.Client.User)], _transcript.Lines(), _draft, _time.GetUtcNow()));

    private ValueTask PostAsync(Action act, CancellationToken stop) => _inbox.Writer.WriteAsync(
        () =>
        {
            act();
            return ValueTask.CompletedTask;
        },
        stop);

    // A source that fails ends the chat with its reason.
    private async Task PostFromAsync(Func<CancellationToken, Task> source, CancellationToken stop)
    {
        try
        {
            await source(stop);
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or ChannelClosedException)
        {
            // The chat is over.
        }
        catch (Exception e)
        {
            _inbox.Writer.TryComplete(e);
        }
    }
}
