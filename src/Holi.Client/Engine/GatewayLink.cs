using System.Buffers;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;

namespace Holi.Client.Engine;

/// <summary>One connection: what it sends and what it has put together of what came. Gone with the socket.</summary>
internal sealed class GatewayLink(int number, EngineLimits limits)
{
    private readonly ArrayBufferWriter<byte> _output = new(256);

    /// <summary>Counts the connections of this engine; answers that carry another number come too late.</summary>
    public int Number { get; } = number;

    public LaneScheduler Lanes { get; } = new(limits.LaneBytesMax);

    public PartAssembler Parts { get; } = new(Wire.Connections.Side.Gateway);

    public BulkCredit Bulk { get; } = new(limits.BulkWindowBytes);

    /// <summary>The gateway's Welcome; null before it.</summary>
    public WelcomeFrame? Welcome { get; set; }

    /// <summary>What Hello asked for topics without a cursor; −1 where the cursors did not all fit.</summary>
    public long Backlog { get; set; }

    /// <summary>When Welcome came.</summary>
    public TimeSpan WelcomeAt { get; set; }

    /// <summary>Topics announced so far; once they are Welcome's number, what was not among them is gone.</summary>
    public int TopicsAnnounced { get; set; }

    /// <summary>The last Complete for all topics: when it came, and the gateway's time in it.</summary>
    public TimeSpan AllCompleteAt { get; set; }

    /// <inheritdoc cref="AllCompleteAt"/>
    public long AllCompleteMs { get; set; }

    /// <summary>What the gateway said it would close with.</summary>
    public HoliCode GoAwayCode { get; set; }

    public ulong NextNonce { get; set; } = 1;

    /// <summary>The gateway's time now.</summary>
    public long GatewayTimeMs(TimeSpan now) => Welcome!.TimeMs + (long)(now - WelcomeAt).TotalMilliseconds;

    /// <summary>Puts Hello on its way; returns what it takes on the wire.</summary>
    public int Send(HelloFrame frame)
    {
        Write(frame.Write, Lane.Control);
        return _output.WrittenCount;
    }

    public bool Send(TokenFrame frame) => Write(frame.Write, Lane.Control);
    public bool Send(PingFrame frame) => Write(frame.Write, Lane.Control);
    public bool Send(PongFrame frame) => Write(frame.Write, Lane.Control);
    public bool Send(CreditFrame frame) => Write(frame.Write, Lane.Control);
    public bool Send(DeviceStateFrame frame) => Write(frame.Write, Lane.Control);
    public bool Send(FollowFrame frame) => Write(frame.Write, Lane.Interactive);
    public bool Send(UnfollowFrame frame) => Write(frame.Write, Lane.Interactive);
    public bool Send(WatchFrame frame) => Write(frame.Write, Lane.Interactive);
    public bool Send(SignalFrame frame) => Write(frame.Write, Lane.Interactive);
    public bool Send(HistoryRequestFrame frame) => Write(frame.Write, Lane.Interactive);

    public bool Send(ReadOnlySpan<AckEntry> acks)
    {
        _output.ResetWrittenCount();
        AckFrame.Write(_output, acks);
        return Flush(Lane.Interactive);
    }

    /// <summary>Gives rented memory back.</summary>
    public void Clear()
    {
        Lanes.Clear();
        Parts.Clear();
    }

    private bool Write(Action<IBufferWriter<byte>> write, Lane lane)
    {
        _output.ResetWrittenCount();
        write(_output);
        return Flush(lane);
    }

    // Everything but commands is small and rare; a lane that is full of it means that the gateway does not read.
    private bool Flush(Lane lane) => Lanes.TryEnqueueCopy(lane, _output.WrittenSpan);
}
