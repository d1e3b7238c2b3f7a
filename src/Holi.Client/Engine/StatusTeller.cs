using Holi.Wire;
using Holi.Wire.Connections;

namespace Holi.Client.Engine;

/// <summary>Tells the host the status whenever it is another one.</summary>
internal sealed class StatusTeller(IEngineHost host, TimeSpan now)
{
    private EngineStatus _told = new(ConnectionState.Stopped, 0, 0, HoliCode.None, null, null, now);
    private HoliCode _lastCode;
    private string? _lastWords;

    public static ConnectionState StateOf(DeviceProtocol protocol) => protocol.State switch
    {
        DeviceState.Waiting => protocol.HasGivenUp ? ConnectionState.Stopped : ConnectionState.Waiting,
        DeviceState.Connecting => ConnectionState.Connecting,
        DeviceState.Opening => ConnectionState.Opening,
        DeviceState.Ready => ConnectionState.Ready,
        _ => ConnectionState.Leaving,
    };

    /// <summary>Something went wrong; it is told until the next connection is ready.</summary>
    public void Met(HoliCode code, string? words) => (_lastCode, _lastWords) = (code, words ?? WordsOf(code));

    public void Tell(ConnectionState state, long commands, long bytes, TimeSpan nextRetry, TimeSpan now)
    {
        if (state == ConnectionState.Ready && _told.State != state)
            (_lastCode, _lastWords) = (HoliCode.None, null);
        TimeSpan? retry = state == ConnectionState.Waiting ? nextRetry : null;
        var next = new EngineStatus(state, commands, bytes, _lastCode, _lastWords, retry, state == _told.State ? _told.Since : now);
        if (next == _told)
            return;
        _told = next;
        host.Notify(new StatusChanged(next));
    }

    // No code at all means that the network ended it, or that there was nobody: its action is to try again later.
    private static string WordsOf(HoliCode code) => HoliCodes.ActionOf((int)code) switch
    {
        CodeAction.RetryNow => "The gateway closed the connection to be found again.",
        CodeAction.RetryLater => "The connection could not be made or was lost.",
        CodeAction.NewToken => "The token was not accepted; the app is asked for a new one.",
        CodeAction.Repair => "The gateway knows this device otherwise; it asks for a new generation.",
        CodeAction.ReportAndRetry => "The gateway found fault with what this client sent.",
        CodeAction.GiveUp => "The gateway will not serve this device until the app or the person acts.",
        _ => "The gateway refused something.",
    };
}
