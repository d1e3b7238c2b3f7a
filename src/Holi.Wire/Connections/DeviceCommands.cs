namespace Holi.Wire.Connections;

/// <summary>What a device makes of Welcome (holi.v1.md §6.4).</summary>
public enum WelcomeVerdict : byte
{
    /// <summary>The gateway has what the device has: drop what is committed, send the rest from <see cref="DeviceCommands.NextSeq"/>.</summary>
    Agree,
    /// <summary>A new generation, as asked: send the outbox again as CommandAgain with seqs from 1 and the first identities.</summary>
    NewGeneration,
    /// <summary>Not the same commands: drop the connection, say Hello with generation 0.</summary>
    Forked,
    /// <summary>The gateway broke a rule: drop the connection as after 4417.</summary>
    Broken,
}

/// <summary>
/// One connection's commands, as the device sees them: which seq goes next, and whether it may go now (§6.4, §7.4, §7.5). The
/// commands themselves are the outbox's. Invariant: committed &lt; next; the window holds what was sent beyond committed.
/// </summary>
public sealed class DeviceCommands
{
    private readonly uint _generation;
    private CommandWindow _window = new(int.MaxValue, int.MaxValue);
    private ulong _highestSent;
    private int _heldBytes;
    private bool _welcomed;

    /// <param name="generation">Hello's; 0 asks for a new one, and nothing may be sent before Welcome.</param>
    /// <param name="known">Hello's known: sending begins behind it.</param>
    /// <param name="helloWireBytes">Hello's size: what is sent behind it shares <see cref="GatewayProtocol.HeldBytesMax"/>.</param>
    public DeviceCommands(uint generation, ulong known, int helloWireBytes)
    {
        _generation = generation;
        _heldBytes = helloWireBytes;
        _highestSent = Committed = known;
        NextSeq = known + 1;
    }

    /// <summary>Everything through this seq is committed.</summary>
    public ulong Committed { get; private set; }

    /// <summary>The seq to send next.</summary>
    public ulong NextSeq { get; private set; }

    /// <summary>May the command <see cref="NextSeq"/>, with a body of so many bytes, be sent now?</summary>
    public bool CanSend(int bodyBytes) => _welcomed
        ? _window.Fits(bodyBytes)
        : _generation != 0 && _heldBytes + WireBytes(bodyBytes) <= GatewayProtocol.HeldBytesMax;

    /// <summary>The command <see cref="NextSeq"/> was handed to the connection.</summary>
    public void OnSent(int bodyBytes)
    {
        if (!_welcomed)
            _heldBytes += WireBytes(bodyBytes);
        _window.Add(bodyBytes);
        _highestSent = Math.Max(_highestSent, NextSeq);
        NextSeq++;
    }

    /// <summary>Welcome came.</summary>
    /// <param name="generation">Welcome's.</param>
    /// <param name="committed">Welcome's.</param>
    /// <param name="lastAssigned">The highest seq the device has assigned in the generation that Hello named.</param>
    /// <param name="digestsAgree">Whether the device's own digest at <paramref name="committed"/> is Welcome's; any, where it has none there.</param>
    /// <param name="countMax">Welcome's commandsInFlight.</param>
    /// <param name="bytesMax">Welcome's commandBytesInFlight.</param>
    public WelcomeVerdict OnWelcome(
        uint generation, ulong committed, ulong lastAssigned, bool digestsAgree, int countMax, int bytesMax)
    {
        if (generation == 0 || countMax < 1 || bytesMax < 1)
            return WelcomeVerdict.Broken;
        if (_generation == 0 ? committed != 0 : generation != _generation)
            return WelcomeVerdict.Broken;
        // Below known, the gateway has lost what it acknowledged (a restored log); above lastAssigned, another device spoke in our name.
        if (_generation != 0 && (committed < Committed || committed > lastAssigned || !digestsAgree))
            return WelcomeVerdict.Forked;

        _welcomed = true;
        _window.Limit(countMax, bytesMax);
        if (_generation == 0)
        {
            _highestSent = Committed = 0;
            NextSeq = 1;
            return WelcomeVerdict.NewGeneration;
        }
        Advance(committed);
        return WelcomeVerdict.Agree;
    }

    /// <summary>Commit came (§7.3). One beyond what was sent is the gateway's mistake (4417); an older one changes nothing.</summary>
    public Violation OnCommit(ulong committed)
    {
        if (committed > _highestSent && committed > Committed)
            return new Violation(HoliCode.BadValue, "7.3");
        Advance(committed);
        return Violation.None;
    }

    /// <summary>Error 4302 came (§7.4): commands went missing, sending begins again behind the last Commit.</summary>
    public void OnGap()
    {
        _window.Clear();
        NextSeq = Committed + 1;
    }

    /// <summary>Gives rented memory back: the connection is over.</summary>
    public void Clear() => _window.Clear();

    private void Advance(ulong committed)
    {
        if (committed <= Committed)
            return;
        _window.Commit(committed - Committed);
        Committed = committed;
        NextSeq = Math.Max(NextSeq, committed + 1);
    }

    private static int WireBytes(int bodyBytes) => 1 + Varint.LengthOf((ulong)bodyBytes) + bodyBytes;
}
