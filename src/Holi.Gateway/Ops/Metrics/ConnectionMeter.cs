using System.Diagnostics.Metrics;
using Holi.Gateway.Connections.Sockets;
using Holi.Wire;

namespace Holi.Gateway.Ops.Metrics;

/// <summary>Sockets: how many, how they ended, and what went through them. Thread-safe.</summary>
public sealed class ConnectionMeter
{
    private const string Direction = "network.io.direction";

    private static readonly KeyValuePair<string, object?> Receive = new(Direction, "receive");
    private static readonly KeyValuePair<string, object?> Transmit = new(Direction, "transmit");

    private readonly Counter<long> _closed;
    private readonly Counter<long> _refused;
    private long _bytesIn, _bytesOut, _framesIn, _framesOut;

    internal ConnectionMeter(HoliMeter meter)
    {
        _closed = meter.Counter("holi.connection.closed", "{connection}", "Connections that ended, by what their code asks the device to do.");
        _refused = meter.Counter("holi.connection.refused", "{connection}", "Sockets that were not let in.");
        meter.Totals("holi.connection.io", "By", "Bytes of WebSocket messages.", () => Both(ref _bytesIn, ref _bytesOut));
        meter.Totals("holi.connection.frames", "{frame}", "Frames in those messages; each part of a large one counts.", () => Both(ref _framesIn, ref _framesOut));
    }

    /// <summary>A whole message came.</summary>
    public void Received(int bytes, int frames)
    {
        Interlocked.Add(ref _bytesIn, bytes);
        Interlocked.Add(ref _framesIn, frames);
    }

    /// <summary>A message goes to the socket.</summary>
    public void Sent(int bytes, int frames)
    {
        Interlocked.Add(ref _bytesOut, bytes);
        Interlocked.Add(ref _framesOut, frames);
    }

    /// <summary>A connection is over: with this side's <paramref name="code"/>, or by its device, in order or torn off.</summary>
    public void Closed(HoliCode code, bool inOrder) => _closed.Add(1, new KeyValuePair<string, object?>("holi.close.action", Outcome(code, inOrder)));

    /// <summary>A socket was refused with an HTTP status.</summary>
    public void Refused(int status) => _refused.Add(1, new KeyValuePair<string, object?>("http.response.status_code", status));

    internal static void Observe(HoliMeter meter, Admissions admissions) => meter.Levels(
        "holi.connection.count", "{connection}", "Open connections; opening: no good Hello yet.",
        () =>
        {
            var opening = admissions.Unauthenticated;
            return [State(opening, "opening"), State(Math.Max(0, admissions.Connections - opening), "ready")];
        });

    private static Measurement<long> State(long value, string state) => new(value, new KeyValuePair<string, object?>("holi.connection.state", state));

    private static Measurement<long>[] Both(ref long received, ref long sent) =>
        [new(Volatile.Read(ref received), Receive), new(Volatile.Read(ref sent), Transmit)];

    // The ranges of codes.md, in words.
    private static string Outcome(HoliCode code, bool inOrder)
    {
        if (code == HoliCode.None)
            return inOrder ? "closed_by_device" : "torn_off";
        return HoliCodes.ActionOf((int)code) switch
        {
            CodeAction.RetryNow => "retry_now",
            CodeAction.NewToken => "new_token",
            CodeAction.Repair => "repair",
            CodeAction.ReportAndRetry => "report_and_retry",
            CodeAction.GiveUp => "give_up",
            _ => "retry_later",
        };
    }
}
