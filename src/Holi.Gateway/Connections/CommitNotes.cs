using Holi.Gateway.Commit;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Gateway.Connections;

/// <summary>
/// What the committer's loop has told a connection and the connection has not looked at yet. The loop must never wait for a connection, so it
/// only leaves a note here; notes merge, and what they hold is bounded by the commands in flight. Thread-safe.
/// </summary>
internal sealed class CommitNotes
{
    private readonly Lock _lock = new();
    // Boxed: it is there once in a connection's life.
    private object? _opened;
    private List<Refusal>? _refusals;
    private ulong _committed;
    private HoliCode _refused;
    private volatile bool _any;

    public void Opened(in DeviceOpened opened)
    {
        lock (_lock)
        {
            _opened = opened;
            _any = true;
        }
    }

    public void Committed(ulong committed, IReadOnlyList<Refusal> refusals)
    {
        lock (_lock)
        {
            _committed = Math.Max(_committed, committed);
            if (refusals.Count > 0)
                (_refusals ??= []).AddRange(refusals);
            _any = true;
        }
    }

    public void Refused(HoliCode code)
    {
        lock (_lock)
        {
            _refused = code;
            _any = true;
        }
    }

    /// <summary>Passes on what there is, in the order in which it can only have come.</summary>
    public void PassTo(DeviceConnection connection, Instant now)
    {
        if (!_any)
            return;
        object? opened;
        List<Refusal>? refusals;
        ulong committed;
        HoliCode refused;
        lock (_lock)
        {
            (opened, committed, refusals, refused) = (_opened, _committed, _refusals, _refused);
            (_opened, _committed, _refusals, _refused, _any) = (null, 0, null, HoliCode.None, false);
        }
        if (opened is DeviceOpened answer)
            connection.OnOpened(answer, now);
        if (committed > 0)
            connection.OnCommitted(committed, refusals ?? [], now);
        if (refused != HoliCode.None)
            connection.OnRefused(refused, now);
    }
}
