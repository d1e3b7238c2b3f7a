using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Holi.Chat.Rooms;
using Holi.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Holi.Chat.Screens;

/// <summary>The whole terminal: who is there, the conversation, the connection, and the line that is typed.</summary>
internal sealed class FullScreen : IScreen
{
    private const string EnterAlternate = "\e[?1049h\e[2J", LeaveAlternate = "\e[?1049l";
    // A burst of pasted text; the reader of keys waits behind it.
    private const int KeysMax = 256;

    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly TimeProvider _time;

    public FullScreen(TimeProvider time)
    {
        _time = time;
        // Ctrl+C is a key like any other: the screen is put back before the chat ends.
        Console.TreatControlCAsInput = true;
        Console.Write(EnterAlternate);
    }

    public async IAsyncEnumerable<Typed> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var keys = Channel.CreateBounded<ConsoleKeyInfo>(KeysMax);
        // Reading a key blocks and cannot be cancelled: a thread of its own that does not keep the program alive.
        new Thread(() =>
        {
            while (!cancellation.IsCancellationRequested)
            {
                var key = Console.ReadKey(intercept: true);
                if (!keys.Writer.TryWrite(key))
                    keys.Writer.WriteAsync(key, CancellationToken.None).AsTask().Wait(CancellationToken.None);
            }
        }) { IsBackground = true, Name = "keys" }.Start();

        var editor = new LineEditor();
        await foreach (var key in keys.Reader.ReadAllAsync(cancellation))
        {
            if (editor.Press(key) is { } typed)
                yield return typed;
        }
    }

    public void Show(ChatView view)
    {
        var (width, height) = (_console.Profile.Width, _console.Profile.Height);
        var line = new Rule { Style = Style.Parse("grey35") };
        var prompt = Words.Clean(view.Draft);
        var typed = prompt.Length > width - 4 ? prompt[^(width - 4)..] : prompt;
        _console.Write(new Frame(
            [new Markup($"[bold]{view.User}[/] [grey]with[/] {ColouredPeople(view)}") { Overflow = Overflow.Ellipsis }, line],
            [.. view.Lines.SelectMany(LinesOf)],
            [
                line,
                new Markup(Typing(view)),
                new Markup($"[bold]>[/] {Markup.Escape(typed)}") { Overflow = Overflow.Crop },
            ],
            height));
    }

    public void Dispose()
    {
        Console.Write(LeaveAlternate);
        Console.TreatControlCAsInput = false;
    }

    private IEnumerable<IRenderable> LinesOf(ChatMessage line)
    {
        if (line.IsFirstUnread)
            yield return new Rule("[yellow]unread[/]") { Style = Style.Parse("yellow") };
        var text = Markup.Escape(Words.Clean(line.Text));
        if (line.Sender.Length == 0)
        {
            yield return new Markup($"[grey]      {text}[/]");
            yield break;
        }
        var grid = new Grid();
        grid.AddColumn(new GridColumn { Width = 5, NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
        grid.AddColumn(new GridColumn { Width = 4, NoWrap = true, Padding = new Padding(0, 0, 1, 0), Alignment = Justify.Right });
        grid.AddColumn(new GridColumn { Padding = new Padding(0) });
        grid.AddRow(
            $"[grey]{Words.Clock(line.Time, _time.LocalTimeZone)}[/]",
            line.Offset > 0 ? string.Create(CultureInfo.InvariantCulture, $"[grey35]#{line.Offset}[/]") : "",
            $"[{(line.Tick == Tick.None ? "aqua" : "green")}]{Markup.Escape(line.Sender)}[/]  {(line.IsDeleted ? "[grey]deleted[/]" : text)}{Remarks(line)}  {ColouredMark(line.Tick)}");
        yield return grid;
    }

    private string Remarks(ChatMessage line)
    {
        var remarks = line is { IsEdited: true, IsDeleted: false } ? "  [grey]edited[/]" : "";
        if (line.WrittenAt is { } at && line.Time - at >= TimeSpan.FromMinutes(1))
            remarks += $"  [grey]written {Words.Clock(at, _time.LocalTimeZone)}[/]";
        return line.Reactions.Length > 0 ? $"{remarks}  [yellow]{Markup.Escape(Words.Clean(line.Reactions))}[/]" : remarks;
    }

    private static string ColouredMark(Tick tick) => tick switch
    {
        Tick.Read => $"[bold blue]{Words.Mark(tick)}[/]",
        Tick.Refused => $"[bold red]{Words.Mark(tick)}[/]",
        _ => $"[grey]{Words.Mark(tick)}[/]",
    };

    private static string ColouredPeople(ChatView view) =>
        Markup.Escape(Words.People(view.Others, view.Title, view.Now)).Replace("●", "[green]●[/]", StringComparison.Ordinal);

    private static string Typing(ChatView view)
    {
        var isReady = view is { IsOffline: false, Status.State: ConnectionState.Ready };
        var queued = view.Status.QueuedCommands is > 0 and var count ? $"   [yellow]{count} queued[/]" : "";
        var typing = string.Join(", ", view.Others.Where(p => p.IsTyping).Select(p => p.User));
        return $"[{(isReady ? "green" : "yellow")}]●[/] {Markup.Escape(Words.Connection(view, countDown: true))}{queued}"
            + (typing.Length > 0 ? $"   [italic aqua]{Markup.Escape(typing)} is typing …[/]" : "")
            + "   [grey35]/help[/]";
    }
}
