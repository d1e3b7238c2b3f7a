namespace Holi.Wire.Connections;

/// <summary>What a gateway does with a command, by its seq alone (holi.v1.md §7.4).</summary>
public enum SeqVerdict : byte
{
    /// <summary>A violation, given beside: 4412.</summary>
    Refuse,
    /// <summary>The next one: hand it to the committer.</summary>
    Take,
    /// <summary>Committed already: compare its content with what is stored (other content: 4414, or 4300 while Hello's digest rolls), answer with Commit, apply nothing.</summary>
    Replay,
    /// <summary>Received on this connection and not yet committed: its Commit will come; apply nothing.</summary>
    Again,
    /// <summary>Beyond the next: answer Error 4302 and Commit, once.</summary>
    Gap,
    /// <summary>Beyond the next, after a Gap was answered: nothing.</summary>
    Drop,
}

/// <summary>
/// The seqs of one connection's commands, as the gateway sees them (§7.4, §7.5). Made at Welcome, before the held commands are
/// looked at. Invariant: committed ≤ received; the window holds exactly the commands in between.
/// </summary>
public sealed class GatewayCommands
{
    private CommandWindow _window;
    private bool _gapAnswered;

    /// <param name="committed">Welcome's committed.</param>
    /// <param name="countMax">Welcome's commandsInFlight.</param>
    /// <param name="bytesMax">Welcome's commandBytesInFlight: body bytes.</param>
    public GatewayCommands(ulong committed, int countMax, int bytesMax)
    {
        Committed = Received = committed;
        _window = new CommandWindow(countMax, bytesMax);
    }

    /// <summary>Everything through this seq is on disk.</summary>
    public ulong Committed { get; private set; }

    /// <summary>Everything through this seq was taken.</summary>
    public ulong Received { get; private set; }

    /// <summary>The seq that is taken next.</summary>
    public ulong Next => Received + 1;

    /// <summary>Commands taken and not yet committed.</summary>
    public int InFlight => _window.Count;

    /// <summary>A command came.</summary>
    /// <param name="seq">Its seq.</param>
    /// <param name="bodyBytes">Its frame's body, put together from parts where it came in parts.</param>
    /// <param name="violation">Given with <see cref="SeqVerdict.Refuse"/>.</param>
    /// <param name="wasBlind">
    /// True where it may have been sent ahead of Welcome (<see cref="GatewayProtocol.MayBeBlind"/>): the device did not know the window, so it is
    /// taken beyond it too.
    /// </param>
    public SeqVerdict OnCommand(ulong seq, int bodyBytes, out Violation violation, bool wasBlind = false)
    {
        violation = Violation.None;
        if (seq <= Committed)
            return SeqVerdict.Replay;
        if (seq <= Received)
            return SeqVerdict.Again;
        if (seq != Next)
            return Beyond();
        if (!wasBlind && !_window.Fits(bodyBytes))
        {
            violation = new Violation(HoliCode.CreditExceeded, "7.5");
            return SeqVerdict.Refuse;
        }
        _window.Add(bodyBytes);
        Received = seq;
        _gapAnswered = false;
        return SeqVerdict.Take;
    }

    /// <summary>A Commit through <paramref name="committed"/> is being sent: the window is renewed. An older one changes nothing.</summary>
    public void OnCommitted(ulong committed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(committed, Received);
        if (committed <= Committed)
            return;
        _window.Commit(committed - Committed);
        Committed = committed;
    }

    /// <summary>Gives rented memory back: the connection is over.</summary>
    public void Clear() => _window.Clear();

    private SeqVerdict Beyond()
    {
        if (_gapAnswered)
            return SeqVerdict.Drop;
        _gapAnswered = true;
        return SeqVerdict.Gap;
    }
}
