using System.Text;

namespace Holi.Chat.Screens;

/// <summary>The line that is being typed: keys in, what the person did out.</summary>
internal sealed class LineEditor
{
    // A message may have 65,536 bytes; nobody types more in one line.
    private const int CharsMax = 8_192;

    private readonly StringBuilder _line = new();

    /// <summary>Null where the key changed nothing.</summary>
    public Typed? Press(ConsoleKeyInfo key)
    {
        if (key.Modifiers.HasFlag(ConsoleModifiers.Control))
            return PressControl(key.Key);
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                var line = _line.ToString();
                _line.Clear();
                return new Typed(Did.Entered, line);
            case ConsoleKey.Escape:
                return Cut(0);
            case ConsoleKey.Backspace:
                // A character outside the first plane is two chars: both go.
                return Cut(_line.Length - (_line.Length > 1 && char.IsLowSurrogate(_line[^1]) ? 2 : 1));
        }
        if (char.IsControl(key.KeyChar) || _line.Length >= CharsMax)
            return null;
        _line.Append(key.KeyChar);
        return Now;
    }

    private Typed Now => new(Did.Wrote, _line.ToString());

    private Typed? PressControl(ConsoleKey key) => key switch
    {
        ConsoleKey.C => new Typed(Did.Quit, ""),
        ConsoleKey.D when _line.Length == 0 => new Typed(Did.Quit, ""),
        ConsoleKey.U => Cut(0),
        ConsoleKey.W => Cut(_line.ToString().TrimEnd().LastIndexOf(' ') + 1),
        _ => null,
    };

    private Typed? Cut(int length)
    {
        if (_line.Length == 0)
            return null;
        _line.Length = Math.Max(0, length);
        return Now;
    }
}
