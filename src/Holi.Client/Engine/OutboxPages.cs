namespace Holi.Client.Engine;

/// <summary>
/// The commands at hand, in seq order, out of an outbox of any size: one page or less. They come from the store page by page, or
/// straight from the app when the page before them is empty, which saves reading back what was just written.
/// </summary>
internal sealed class OutboxPages(EngineLimits limits, IEngineHost host)
{
    private readonly Queue<OutboxCommand> _page = new();
    private long _bytes;
    private int _read;
    private bool _isReading;

    /// <summary>The last seq that came.</summary>
    public ulong Through { get; private set; }

    public OutboxCommand? Head => _page.TryPeek(out var head) ? head : null;

    /// <summary>Begins anew behind a seq; a page on its way is not wanted any more.</summary>
    public void Reset(ulong after)
    {
        _page.Clear();
        _bytes = 0;
        _isReading = false;
        _read++;
        Through = after;
    }

    public void Take() => _bytes -= _page.Dequeue().Payload.Length;

    /// <summary>Asks for the next page, none beyond <paramref name="last"/>, where little is left of this one.</summary>
    public void Load(ulong last)
    {
        if (_isReading || Through >= last || _page.Count > limits.PageCommands / 2 || _bytes > limits.PageBytes / 2)
            return;
        _isReading = true;
        host.ReadOutbox(++_read, Through, (int)Math.Min((ulong)limits.PageCommands, last - Through), limits.PageBytes);
    }

    /// <summary>A page came; one that was not asked for is ignored. False where it is empty or a command is missing.</summary>
    public bool Loaded(int read, IReadOnlyList<OutboxCommand> commands)
    {
        if (!_isReading || read != _read)
            return true;
        _isReading = false;
        return commands.Count > 0 && Append(commands);
    }

    /// <summary>True where this read is the one under way; it is then over.</summary>
    public bool Failed(int read)
    {
        var mine = _isReading && read == _read;
        _isReading &= !mine;
        return mine;
    }

    /// <summary>Commands were just stored: taken where they follow what is here and find room.</summary>
    public void Offer(IReadOnlyList<OutboxCommand> commands)
    {
        if (_isReading || commands.Count == 0 || commands[0].Seq != Through + 1)
            return;
        if (_page.Count + commands.Count <= limits.PageCommands && _bytes + commands.Sum(c => (long)c.Payload.Length) <= limits.PageBytes)
            Append(commands);
    }

    private bool Append(IReadOnlyList<OutboxCommand> commands)
    {
        foreach (var command in commands)
        {
            if (command.Seq != Through + 1)
                return false;
            _page.Enqueue(command);
            _bytes += command.Payload.Length;
            Through = command.Seq;
        }
        return true;
    }
}
