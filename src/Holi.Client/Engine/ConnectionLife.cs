using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>
/// The connection, from the attempt to its end, and what its end means to everybody (holi.v1.md §12). There is at most one
/// <see cref="GatewayLink"/>; when it is null, the device waits, or waits for a token.
/// </summary>
internal sealed class ConnectionLife(
    IEngineHost host, EngineLimits limits, DeviceProtocol protocol, Opening opening, CommandFlow flow, TopicTable topics, TopicIntake intake,
    WatchedPeople people, HistoryQuestions histories, TokenKeeper tokens, OpeningNumbers openings, StatusTeller status)
{
    private readonly RepairCounter _repairs = new(limits);
    private int _lastLink;

    /// <summary>The connection there is, or the attempt at one.</summary>
    public GatewayLink? Link { get; private set; }

    /// <summary>The connection, where it takes requests.</summary>
    public GatewayLink? Ready => protocol.State == DeviceState.Ready ? Link : null;

    /// <summary>Does what is due: connects, pings, gives up on silence.</summary>
    public void Advance(EngineTime time)
    {
        switch (protocol.Poll(time.Now))
        {
            case DeviceAction.Connect when tokens.Token(time.Now) is null:
                tokens.Fetch();
                break;
            case DeviceAction.SendPing:
                Link!.Send(new PingFrame(Link.NextNonce++));
                break;
            case DeviceAction.Drop:
                Drop(0, "The gateway was silent for too long.", time);
                break;
        }
        // Hello names what is synced. What came over the last connection is first, or the gateway would send it again, or skip what is held.
        // The number it will say is reserved meanwhile.
        if (Link is null && protocol.State == DeviceState.Connecting && openings.Prepare() && intake.IsSynced && tokens.Token(time.Now) is not null)
            OpenSocket();
    }

    /// <summary>The socket is open: Hello.</summary>
    public void OnOpened(int connection, EngineTime time)
    {
        if (Link?.Number != connection || protocol.State != DeviceState.Connecting)
            return;
        if (tokens.Token(time.Now) is not { } token)
        {
            Drop((int)HoliCode.TokenExpired, "The token expired while the socket was being opened.", time);
            return;
        }
        protocol.OnOpened(time.Now);
        opening.SayHello(Link, token);
    }

    /// <summary>The socket is closed, or could not be opened.</summary>
    public void OnClosed(int connection, int closeStatus, EngineTime time)
    {
        if (Link?.Number != connection)
            return;
        var announced = (int)Link.GoAwayCode;
        Forget();
        Wait(closeStatus == 0 ? announced : closeStatus, words: null, time);
    }

    /// <summary>A token came.</summary>
    public void OnToken(string token)
    {
        tokens.OnToken(token);
        Ready?.Send(new TokenFrame(token));
    }

    /// <summary>No token came.</summary>
    public void OnTokenFailed(EngineTime time)
    {
        const string words = "The app's token callback failed.";
        tokens.OnFailed(protocol.State == DeviceState.Ready, time.Now);
        if (Link is null && protocol.State == DeviceState.Connecting)
            Drop(0, words, time);
        else
            status.Met(HoliCode.None, words);
    }

    /// <summary>There is a network: an attempt from before it is begun anew.</summary>
    public void OnNetwork(EngineTime time)
    {
        protocol.Wake(time.Now);
        if (protocol.State == DeviceState.Connecting && Link is not null)
            Drop(0, words: null, time);
    }

    /// <summary>Ends the connection for a reason of our own.</summary>
    public void End(Ending ending, EngineTime time)
    {
        host.Notify(new ProblemMet(ending.Code, ending.Words));
        if (Link is null)
        {
            status.Met(ending.Code, ending.Words);
            return;
        }
        var code = ending.Code == HoliCode.BadValue ? _repairs.Judge(ending.Code, time.Now) : ending.Code;
        var isTheirs = HoliCodes.ActionOf((int)ending.Code) == CodeAction.ReportAndRetry;
        Drop((int)code, ending.Words, time, isTheirs ? ending.Code : HoliCode.None);
    }

    /// <summary>Drops the connection, or the attempt, and waits as after a close with this status.</summary>
    public void Drop(int closeStatus, string? words, EngineTime time, HoliCode closeWith = HoliCode.None)
    {
        if (Link is { } link)
            host.Drop(link.Number, closeWith);
        Forget();
        Wait(closeStatus, words, time);
    }

    private void OpenSocket()
    {
        Link = new GatewayLink(++_lastLink, limits);
        host.Connect(Link.Number);
    }

    // Nothing durable hangs on a connection (§1): cursors and the outbox stay as they are.
    private void Forget()
    {
        if (Link is { } link)
        {
            intake.Disconnect(link);
            link.Clear();
        }
        Link = null;
        flow.Close();
        topics.Disconnect();
        people.Disconnect();
        histories.Fail(withBatch: false, host.Notify);
        tokens.Disconnect();
    }

    private void Wait(int closeStatus, string? words, EngineTime time)
    {
        if (closeStatus == (int)HoliCode.Fenced && openings.IsShared)
            closeStatus = (int)HoliCode.Overloaded;
        var action = protocol.OnClosed(closeStatus, time.Now);
        if (action == CodeAction.NewToken)
            tokens.Refused();
        // A copy, behind in its count; whether in its commands as well, the next Hello shows.
        if (closeStatus == (int)HoliCode.OpeningOutdated)
            openings.Raise();
        // 4414 names a fork too: a restored device whose commands behind Hello came too late to be compared there.
        else if (action == CodeAction.Repair || closeStatus == (int)HoliCode.SeqReused)
            opening.NeedsGeneration = true;
        status.Met((HoliCode)closeStatus, words);
    }
}
