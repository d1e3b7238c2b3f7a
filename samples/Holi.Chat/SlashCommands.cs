using System.Globalization;
using Holi.Chat.Device;
using Holi.Chat.Rooms;
using Holi.Client;

namespace Holi.Chat;

/// <summary>What begins with a slash. Runs on <see cref="ChatLoop"/>'s loop.</summary>
internal sealed class SlashCommands(
    ChatDevice device, Conversation conversation, Transcript transcript, Func<IReadOnlyList<Person>> people, Action<string> say,
    Action<QueuedCommand, Action<string?>, CancellationToken> follow)
{
    private const string Help = """
        /offline           cut this device's network
        /online            and back
        /members           who belongs here
        /add NAME          add somebody
        /history           older messages
        /edit [#N] TEXT    your last message, or number N
        /delete [#N]
        /react [#N] EMOJI  to the last message, or number N
        /quit              go; what is queued is sent next time
        · here   ✓ at the gateway   ✓✓ delivered   blue ✓✓ read
        """;

    private const int HistoryEvents = 50;

    /// <summary>True: the chat is over.</summary>
    public async ValueTask<bool> RunAsync(string line, CancellationToken stop)
    {
        var (name, rest) = Split(line);
        try
        {
            switch (name)
            {
                case "/quit" or "/exit":
                    return true;
                case "/offline" or "/online":
                    device.IsOffline = name == "/offline";
                    break;
                case "/members":
                    ShowMembers();
                    break;
                case "/add" when rest.Length > 0:
                    Queued(await conversation.AddMemberAsync(rest, cancellation: stop), stop);
                    break;
                case "/history":
                    await ShowHistoryAsync(stop);
                    break;
                case "/edit" when Aim(rest, transcript.LastOwn) is (> 0 and var offset, { Length: > 0 } text):
                    Queued(await conversation.EditAsync(offset, text, stop), stop);
                    break;
                case "/delete" when Aim(rest, transcript.LastOwn) is (> 0 and var offset, ""):
                    Queued(await conversation.DeleteAsync(offset, stop), stop);
                    break;
                case "/react" when Aim(rest, transcript.LastMessage) is (> 0 and var offset, { Length: > 0 } emoji):
                    Queued(await conversation.ReactAsync(offset, emoji, on: true, stop), stop);
                    break;
                default:
                    say(Help);
                    break;
            }
        }
        catch (Exception e) when (e is OutboxFullException or DeviceStoreException or ArgumentException or HistoryUnavailableException)
        {
            say(e.Message);
        }
        return false;
    }

    // Its effect comes as an event; only a refusal needs words.
    private void Queued(QueuedCommand command, CancellationToken stop) => follow(
        command,
        refusal =>
        {
            if (refusal is not null)
                say(refusal);
        },
        stop);

    private void ShowMembers()
    {
        if (people() is not { Count: > 0 } all)
            say("Nobody is known before the first connection.");
        else
            say(string.Join('\n', all.Select(p => $"{p.User}, {p.Role.ToString().ToLowerInvariant()}{(p.IsOnline ? ", online" : "")}")));
    }

    // What this device has stored comes first; then the gateway is asked, which needs a connection.
    private async Task ShowHistoryAsync(CancellationToken stop)
    {
        var older = transcript.Oldest > 1 ? await conversation.ReadBackAsync(transcript.Oldest, HistoryEvents, stop) : [];
        if (older.Count == 0 && transcript.Oldest > 1 && (await conversation.LoadHistoryAsync(transcript.Oldest, HistoryEvents, stop)).Count > 0)
            older = await conversation.ReadBackAsync(transcript.Oldest, HistoryEvents, stop);
        foreach (var happened in older)
            transcript.Apply(happened);
        if (older.Count == 0)
            say("There is nothing older.");
    }

    // "#12 words" is about number 12, "words" about the default.
    private static (ulong Offset, string Words) Aim(string text, ulong otherwise)
    {
        var (first, rest) = Split(text);
        return first.StartsWith('#') && ulong.TryParse(first.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? (offset, rest)
            : (otherwise, text);
    }

    private static (string First, string Others) Split(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[(space + 1)..].Trim());
    }
}
