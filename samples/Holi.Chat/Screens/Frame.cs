using Spectre.Console;
using Spectre.Console.Rendering;

namespace Holi.Chat.Screens;

/// <summary>
/// A whole screen: a top, as much of the end of the body as fits, and a bottom, whose last line keeps the cursor. Drawn over what was there
/// line by line, so that nothing flickers.
/// </summary>
internal sealed class Frame(IReadOnlyList<IRenderable> top, IReadOnlyList<IRenderable> body, IReadOnlyList<IRenderable> bottom, int height) : IRenderable
{
    private const string Home = "\e[H", ClearToEndOfLine = "\e[K", HideCursor = "\e[?25l", ShowCursor = "\e[?25h";

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var head = LinesOf(top, options, maxWidth);
        var foot = LinesOf(bottom, options, maxWidth);
        var room = Math.Max(0, height - head.Count - foot.Count);
        var middle = LastLinesOf(options, maxWidth, room);
        var lines = head.Concat(middle).Concat(foot).Take(height).ToList();

        yield return Segment.Control(HideCursor + Home);
        for (var i = 0; i < lines.Count; i++)
        {
            foreach (var segment in lines[i])
                yield return segment;
            yield return Segment.Control(ClearToEndOfLine);
            if (i < lines.Count - 1)
                yield return Segment.LineBreak;
        }
        yield return Segment.Control(ShowCursor);
    }

    // From the end backwards: only what is seen is laid out.
    private List<SegmentLine> LastLinesOf(RenderOptions options, int width, int room)
    {
        var lines = new List<SegmentLine>();
        for (var i = body.Count - 1; i >= 0 && lines.Count < room; i--)
            lines.InsertRange(0, LinesOf([body[i]], options, width));
        lines.InsertRange(0, Enumerable.Range(0, Math.Max(0, room - lines.Count)).Select(_ => new SegmentLine()));
        return lines[^room..];
    }

    private static List<SegmentLine> LinesOf(IEnumerable<IRenderable> parts, RenderOptions options, int width) =>
        [.. parts.SelectMany(p => Segment.SplitLines(p.Render(options, width), width))];
}
