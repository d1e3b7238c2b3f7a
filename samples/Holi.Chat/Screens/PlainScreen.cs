using System.Globalization;
using System.Runtime.CompilerServices;
using Holi.Chat.Rooms;
using Holi.Client;

namespace Holi.Chat.Screens;

/// <summary>Lines in, lines out: each change of what is shown is one line. For pipes, scripts and tests.</summary>
internal sealed class PlainScreen(TimeProvider time) : IScreen
{
    private Dictionary<string, ChatMessage> _printed = [];
    private string _connection = "", _people = "";
    private bool _isQueued;

    public async IAsyncEnumerable<Typed> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var input = new StreamReader(Console.OpenStandardInput());
        // Reading a pipe cannot be cancelled: the wait for it can.
        while (await Task.Run(() => input.ReadLine(), cancellation).WaitAsync(cancellation) is { } line)
            yield return new Typed(Did.Entered, line);
        yield return new Typed(Did.Ended, "");
    }

    public void Show(ChatView view)
    {
        PrintConnection(view);
        PrintPeople(view);
        foreach (var line in view.Lines)
        {
            if (_printed.TryGetValue(line.Key, out var before))
            {
                if (before != line)
                    PrintChange(before, line);
            }
            else
            {
                PrintNew(line);
                // In plain text delivered and read look alike, and others may have read a message before one's own device hears of its commit.
                if (line.Tick == Tick.Read)
                    PrintTick(line);
            }
        }
        _printed = view.Lines.ToDictionary(l => l.Key);
    }

    public void Dispose() => Console.Out.Flush();

    private void PrintConnection(ChatView view)
    {
        var connection = Words.Connection(view, countDown: false);
        var queued = view.Status.QueuedCommands;
        if (connection != _connection)
            Print(queued > 0 ? $"-- {connection}; {queued} queued" : $"-- {connection}");
        else if (_isQueued && queued == 0)
            Print("-- nothing queued");
        (_connection, _isQueued) = (connection, queued > 0);
    }

    private void PrintPeople(ChatView view)
    {
        // Without a connection nobody can be seen: that says nothing about them.
        if (view.Status.State != ConnectionState.Ready)
            return;
        var people = string.Join(", ", view.Others.Select(p => $"{p.User} is {(p.IsOnline ? "online" : "away")}{(p.IsTyping ? ", typing" : "")}"));
        if (people != _people)
            Print($"-- {people}");
        _people = people;
    }

    private void PrintNew(ChatMessage line)
    {
        if (line.IsFirstUnread)
            Print("-- unread from here");
        if (line.Sender.Length == 0)
            Print($"-- {Words.Clean(line.Text)}");
        else
            Print($"{Clock(line.Time)} {Words.Mark(line.Tick),-2} {Number(line)}{line.Sender}: {TextOf(line)}");
    }

    private void PrintChange(ChatMessage before, ChatMessage line)
    {
        if (before.Text != line.Text || before.IsDeleted != line.IsDeleted || before.Reactions != line.Reactions)
            PrintNew(line);
        else if (line is { Offset: 0, Tick: Tick.Refused })
            PrintNew(line);
        else if (before.Tick != line.Tick && line.Offset > 0)
            PrintTick(line);
    }

    private void PrintTick(ChatMessage line) =>
        Print($"{Clock(time.GetUtcNow())} {Words.Mark(line.Tick),-2} {Number(line)}{line.Tick.ToString().ToLowerInvariant()}");

    private static string TextOf(ChatMessage line)
    {
        var text = line.IsDeleted ? "(deleted)" : Words.Clean(line.Text);
        return text + (line is { IsEdited: true, IsDeleted: false } ? " (edited)" : "") + (line.Reactions.Length > 0 ? $"  [{Words.Clean(line.Reactions)}]" : "");
    }

    private static string Number(ChatMessage line) => line.Offset > 0 ? string.Create(CultureInfo.InvariantCulture, $"#{line.Offset} ") : "";

    private string Clock(DateTimeOffset at) => Words.Clock(at, time.LocalTimeZone);

    private static void Print(string line) => Console.Out.WriteLine(line);
}
