using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Lanes;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// Sends the outbox over one connection after the other, in order, as far as the gateway's window and the lane have room
/// (holi.v1.md §6.4, §7). Every command passes the <see cref="DigestLedger"/> on its way; what the gateway turns out to have
/// already passes it too, and is compared, but is not sent.
/// <para>Invariants: nothing is sent beyond the store's send floor, and nothing after Welcome before the digests agree. Welcome only says
/// where to go on; what leaves the outbox was covered by a Commit, which also names what was refused (§6.2).</para>
/// </summary>
internal sealed class CommandFlow(EngineLimits limits, CommandQueue queue, IEngineHost host)
{
    private readonly DigestLedger _ledger = new();
    private readonly OutboxPages _pages = new(limits, host);
    private readonly CommandEncoder _encoder = new();
    private DeviceCommands? _commands;
    private LaneScheduler? _lanes;
    private TopicTable? _topics;
    private (ulong Seq, CommandDigest Digest)? _toVerify;
    private (long Count, long Bytes) _passed;
    private ulong _committed;
    private ulong _confirmed;
    private long _behindHelloMax = limits.CommandsBehindHello;
    private int _behindHello;
    private bool _isWelcomed;
    private bool _resumeAtCommit;
    private bool _ready;

    /// <summary>Commands on their way that the gateway has not answered.</summary>
    public bool HasInFlight => _commands is not null && _ledger.Through > _ledger.Base;

    /// <summary>True where a new command would go out as soon as it is stored.</summary>
    public bool IsLive => _ready && _toVerify is null && _pages.Through == queue.Stored.LastAssigned;

    /// <summary>Welcome named commands as committed that were not yet compared with its digest.</summary>
    public bool IsVerifying => _toVerify is not null;

    /// <summary>A connection is opening; Hello is being sent.</summary>
    public void Open(uint generation, int helloWireBytes, LaneScheduler lanes, TopicTable topics)
    {
        Close();
        var (known, digest) = queue.Committed;
        (_lanes, _topics) = (lanes, topics);
        _commands = new DeviceCommands(generation, generation == 0 ? 0 : known, helloWireBytes);
        Rewind(known, digest);
        (_isWelcomed, _behindHello) = (false, 0);
        // With generation 0 nothing may be sent before Welcome, and seqs will change: there is nothing to do until then.
        _ready = generation != 0;
    }

    /// <summary>The connection is over, or takes no command any more (GoAway).</summary>
    public void Close()
    {
        _commands?.Clear();
        (_commands, _lanes, _toVerify, _ready, _resumeAtCommit) = (null, null, null, false, false);
    }

    /// <summary>GoAway: commits still count, nothing more is sent.</summary>
    public void Stop() => _ready = false;

    /// <summary>Welcome came (§6.4).</summary>
    public WelcomeVerdict OnWelcome(WelcomeFrame welcome)
    {
        var digest = welcome.Digest;
        var agree = _ledger.At(welcome.Committed) is not { } own || own.FixedTimeEquals(digest);
        var verdict = _commands!.OnWelcome(
            welcome.Generation, welcome.Committed, queue.Stored.LastAssigned, agree,
            (int)Math.Min(welcome.Limits.CommandsInFlight, int.MaxValue), (int)Math.Min(welcome.Limits.CommandBytesInFlight, int.MaxValue));
        // Remembered for the next Hello: what follows it counts against the window of the Welcome to come (§7.5).
        (_isWelcomed, _behindHelloMax) = (true, welcome.Limits.CommandsInFlight);
        if (verdict == WelcomeVerdict.NewGeneration)
            queue.WantGeneration(welcome.Generation);
        if (verdict != WelcomeVerdict.Agree)
            return verdict;
        if (welcome.Committed > _ledger.Through)
            _toVerify = (welcome.Committed, digest);
        _committed = welcome.Committed;
        return verdict;
    }

    /// <summary>The new generation is on disk: everything is sent again, from seq 1.</summary>
    public void OnGenerationStarted()
    {
        Rewind(0, default);
        _ready = _commands is not null;
    }

    /// <summary>A Commit came.</summary>
    public Violation OnCommit(ulong committed)
    {
        var violation = _commands!.OnCommit(committed);
        if (!violation.IsNone)
            return violation;
        _committed = Math.Max(_committed, committed);
        _confirmed = Math.Max(_confirmed, committed);
        Report();
        if (_resumeAtCommit)
            Resume();
        return Violation.None;
    }

    /// <summary>Error 4302 came: the Commit behind it says where to go on (§7.4).</summary>
    public void OnGap() => _resumeAtCommit = true;

    /// <summary>A page of the outbox came. False where commands are missing from it.</summary>
    public bool OnRead(int read, IReadOnlyList<OutboxCommand> commands) => _pages.Loaded(read, commands);

    /// <summary>True where the page that could not be read is wanted.</summary>
    public bool OnReadFailed(int read) => _pages.Failed(read);

    /// <summary>Commands were stored.</summary>
    public void OnStored(IReadOnlyList<OutboxCommand> commands)
    {
        if (_ready && commands.Count > 0 && commands[^1].Seq <= queue.Stored.SendFloor)
            _pages.Offer(commands);
    }

    /// <summary>Sends what may be sent now and asks for more. False where the gateway's digest is not ours: a fork.</summary>
    public bool Pump()
    {
        if (!_ready || queue.IsChangingGeneration)
            return true;
        do
        {
            if (!Verified())
                return false;
        }
        while (_pages.Head is { } command && (command.Seq <= _committed ? Verify(command) : Send(command)));
        LoadMore();
        return true;
    }

    // Committed already, known only now: rolled to be compared, not sent.
    private bool Verify(OutboxCommand command)
    {
        _ledger.Roll(command);
        _pages.Take();
        Report();
        return true;
    }

    // False where the digests differ; true where they agree or there is more to roll.
    private bool Verified()
    {
        if (_toVerify is not { } pending || _ledger.At(pending.Seq) is not { } own)
            return true;
        _toVerify = null;
        if (!own.FixedTimeEquals(pending.Digest))
            return false;
        Report();
        return true;
    }

    // Nothing leaves the outbox before it is certain that the gateway has these very commands.
    private void Report()
    {
        var passed = _ledger.Advance(_toVerify is { } pending ? Math.Min(pending.Seq, _confirmed) : _confirmed);
        _passed = (_passed.Count + passed.Count, _passed.Bytes + passed.Bytes);
        if (_toVerify is not null || _passed.Count == 0)
            return;
        queue.Commit(_ledger.Base, _ledger.BaseDigest, _passed.Count, _passed.Bytes);
        _passed = default;
    }

    private bool Send(OutboxCommand command)
    {
        if (_toVerify is not null || command.Seq > queue.Stored.SendFloor || _lanes!.PendingBytes(Lane.Interactive) >= limits.CommandLaneBytes)
            return false;
        var number = _topics!.NumberOf(command.Topic);
        var bodyBytes = CommandEncoder.BodyBytes(command, number);
        if (!_commands!.CanSend(bodyBytes) || (!_isWelcomed && _behindHello >= _behindHelloMax))
            return false;
        if (!_lanes.TryEnqueueCopy(Lane.Interactive, _encoder.Encode(command, number)))
            return false;
        _behindHello++;
        _ledger.Roll(command);
        _commands.OnSent(bodyBytes);
        _topics.ExpectEcho(command);
        _pages.Take();
        return true;
    }

    private void LoadMore()
    {
        var last = queue.Stored.LastAssigned;
        var floor = queue.Stored.SendFloor;
        if (_pages.Through + (ulong)limits.FloorStep / 2 > floor && floor < last)
            queue.WantFloor(Math.Min(last, _pages.Through + (ulong)limits.FloorStep));
        _pages.Load(Math.Min(last, Math.Max(floor, _committed)));
    }

    private void Resume()
    {
        _resumeAtCommit = false;
        _commands!.OnGap();
        _ledger.Rewind();
        _pages.Reset(_ledger.Base);
    }

    private void Rewind(ulong known, CommandDigest digest)
    {
        _ledger.Reset(known, digest);
        _pages.Reset(known);
        (_committed, _confirmed, _passed, _toVerify) = (known, known, default, null);
    }
}
