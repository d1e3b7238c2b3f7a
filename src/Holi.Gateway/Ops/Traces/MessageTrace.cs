using System.Diagnostics;

namespace Holi.Gateway.Ops.Traces;

/// <summary>
/// The trace of one message, going along with it: on the command, on its event, and to another node as 24 bytes in the wake-up. Few messages have one.
/// <code>
///   this node     receive command ─┬─────────────── publish event ─┬─ deliver event (one for each device, the first few)
///                                  │ linked, both ways             └─ …
///                                  └ commit batch ── the statements of Postgres
///   another node  publish event (its parent is the command's span, by <see cref="TryWrite"/> and <see cref="Read"/>) ── deliver event
/// </code>
/// </summary>
public sealed class MessageTrace
{
    /// <summary>Bytes of a trace on its way to another node: trace id and span id.</summary>
    public const int Bytes = 16 + 8;

    /// <summary>Deliveries of one event that are traced on one node: enough to see, however many follow.</summary>
    public const int DeliveriesMax = 16;

    private int _deliveries;

    internal MessageTrace(ActivityContext context, Activity? command = null) => (Context, Command) = (context, command);

    /// <summary>Of the command.</summary>
    public ActivityContext Context { get; }

    /// <summary>The command's span while it is not over; null on other nodes.</summary>
    internal Activity? Command { get; private set; }

    /// <summary>Of the publication on this node; the default before it.</summary>
    internal ActivityContext Published { get; set; }

    /// <summary>When that was, as a timestamp of the time provider.</summary>
    internal long PublishedAt { get; set; }

    /// <summary>A trace that another node wrote. All zeros are none.</summary>
    public static MessageTrace? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes || !bytes[..16].ContainsAnyExcept((byte)0) || !bytes[16..].ContainsAnyExcept((byte)0))
            return null;
        var trace = ActivityTraceId.CreateFromBytes(bytes[..16]);
        var span = ActivitySpanId.CreateFromBytes(bytes[16..]);
        return new MessageTrace(new ActivityContext(trace, span, ActivityTraceFlags.Recorded, isRemote: true));
    }

    /// <summary>Writes what <see cref="Read"/> reads. False where there is no room.</summary>
    public bool TryWrite(Span<byte> bytes)
    {
        if (bytes.Length < Bytes)
            return false;
        Context.TraceId.CopyTo(bytes[..16]);
        Context.SpanId.CopyTo(bytes[16..Bytes]);
        return true;
    }

    /// <summary>True for the first deliveries on this node. Thread-safe.</summary>
    internal bool TryTakeDelivery() => Interlocked.Increment(ref _deliveries) <= DeliveriesMax;

    /// <summary>The command's span is over.</summary>
    internal void EndCommand()
    {
        Command?.Stop();
        Command = null;
    }
}
