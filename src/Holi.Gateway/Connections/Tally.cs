using Holi.Gateway.Ops.Traces;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Connections;

/// <summary>What a connection has done since its shell last asked; for its meters.</summary>
public struct Tally
{
    /// <summary>Frames that came.</summary>
    public int FramesIn { get; internal set; }

    /// <summary>Frames whose last byte is in a message now.</summary>
    public int FramesOut { get; internal set; }

    /// <summary>Events that were put into a lane as they happened, not caught up with.</summary>
    public int LiveEvents { get; private set; }

    /// <summary>When the oldest of them was published, on the hub's clock.</summary>
    public TimeSpan OldestAt { get; private set; }

    /// <summary>Those of them that are traced; null where none is.</summary>
    public List<MessageTrace>? Traced { get; private set; }

    internal void Add(in TailEvent live)
    {
        if (LiveEvents++ == 0 || live.At < OldestAt)
            OldestAt = live.At;
        if (live.Trace is { } trace)
            (Traced ??= []).Add(trace);
    }
}
