using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// The near end of the outbox. Commands gather here while the store writes a batch; when the next batch is cut they get their seqs.
/// <para>Invariants: seqs are dense; a command is told as queued only after its batch is written; a failed batch leaves nothing
/// behind, neither seqs nor counts; no command is rewritten once a floor at or above it was cut.</para>
/// </summary>
internal sealed class CommandQueue
{
    private readonly EngineLimits _limits;
    private readonly ReadMarks _marks = new();
    private List<QueueRequest> _gathered = [];
    private int _gatheredBytes;
    private QueueCut? _atStore;
    private ulong _floorWanted;
    private ulong _shift;
    private uint _generationWanted;
    private (ulong Known, CommandDigest Digest) _committed;
    private (long Count, long Bytes) _dropped;

    public CommandQueue(EngineLimits limits, DeviceIdentity identity, (long Count, long Bytes) size)
    {
        _limits = limits;
        Stored = identity;
        _floorWanted = identity.SendFloor;
        _committed = (identity.Known, identity.Digest);
        (Count, Bytes) = size;
    }

    /// <summary>What the store holds, as far as it has answered.</summary>
    public DeviceIdentity Stored { get; private set; }

    /// <summary>
    /// What is known to be committed: ahead of the store, which hears of it with the next batch. A new connection goes on from here, for
    /// what is below may be leaving the outbox this very moment.
    /// </summary>
    public (ulong Known, CommandDigest Digest) Committed => _committed;

    /// <summary>Commands queued, gathered ones included, committed ones not.</summary>
    public long Count { get; private set; }

    /// <summary>Their payload bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>False while the next batch is full.</summary>
    public bool HasRoom => _gathered.Count < _limits.GatheredCommandsMax && _gatheredBytes < _limits.GatheredBytesMax;

    /// <summary>Somebody waits for the next batch.</summary>
    public bool IsUrgent =>
        _gathered.Count > 0 || _generationWanted != 0 || Math.Min(_floorWanted, Stored.LastAssigned) > Stored.SendFloor;

    /// <summary>Committed commands that are still in the outbox: they leave with the next batch.</summary>
    public long ToDrop => _dropped.Count;

    /// <summary>The gateway has given a new generation, and the store has not begun it yet.</summary>
    public bool IsChangingGeneration => _generationWanted != 0;

    /// <summary>The number of the command with this seq.</summary>
    public ulong NumberOf(ulong seq) => unchecked(seq + _shift);

    /// <summary>Takes a command, or says why not. <paramref name="done"/>: a queued one says as much already.</summary>
    public OutboxFullException? Add(QueueRequest request, long unixMs, out bool done)
    {
        done = false;
        request.QueuedAtMs = unixMs;
        var join = Join(request);
        done = join == MarkJoin.Done;
        if (join is MarkJoin.Done or MarkJoin.Joined)
            return null;
        if (join == MarkJoin.New && Full(request.Payload.Length) is { } full)
            return full;
        if (join == MarkJoin.New)
            (Count, Bytes) = (Count + 1, Bytes + request.Payload.Length);
        _gathered.Add(request);
        _gatheredBytes += request.Payload.Length;
        return null;
    }

    /// <summary>Commands through here may be sent once the store knows that they may have been.</summary>
    public void WantFloor(ulong seq) => _floorWanted = Math.Max(_floorWanted, seq);

    /// <summary>The gateway has these on disk: they leave the outbox with the next batch.</summary>
    public void Commit(ulong known, CommandDigest digest, long count, long bytes)
    {
        _committed = (known, digest);
        _dropped = (_dropped.Count + count, _dropped.Bytes + bytes);
        // Rewritten marks make Bytes inexact by a few; an empty outbox sets it right.
        (Count, Bytes) = (Count - count, Count == count ? 0 : Bytes - bytes);
    }

    /// <summary>The gateway has given a new generation.</summary>
    public void WantGeneration(uint generation) => _generationWanted = generation;

    /// <summary>Adds what waits to the batch. True where it is a batch of its own, because seqs change with it.</summary>
    public bool Cut(List<StoreWrite> batch, bool sendAtOnce)
    {
        if (_generationWanted != 0)
        {
            _atStore = new QueueCut { Generation = _generationWanted };
            batch.Add(new StartGeneration(_generationWanted));
            return true;
        }
        var cut = _atStore = new QueueCut
        {
            Requests = _gathered,
            LastAssigned = Stored.LastAssigned,
            SendFloor = Stored.SendFloor,
            Drop = _committed.Known > Stored.Known ? _committed : null,
            Dropped = _dropped,
        };
        (_gathered, _gatheredBytes, _dropped) = ([], 0, default);
        _marks.Cut();
        if (cut.Drop is { } drop)
            batch.Add(new DropCommitted(drop.Known, drop.Digest));
        foreach (var request in cut.Requests)
            batch.Add(WriteOf(request, cut));
        CutFloor(batch, cut, sendAtOnce);
        return false;
    }

    /// <summary>The batch is on disk. Returns the new commands. <paramref name="changed"/>: the identity after a change of generation.</summary>
    public IReadOnlyList<OutboxCommand> Written(DeviceIdentity? changed, Action<EngineNotice> notify)
    {
        var cut = _atStore!;
        _atStore = null;
        if (cut.Generation != 0)
        {
            Renumber(changed!);
            // A later connection may have been given another one meanwhile: that one comes with the next batch.
            if (_generationWanted == cut.Generation)
                _generationWanted = 0;
            return [];
        }
        Stored = Stored with { LastAssigned = cut.LastAssigned, SendFloor = cut.SendFloor };
        if (cut.Drop is { } drop)
            Stored = Stored with { Known = drop.Known, Digest = drop.Digest };
        foreach (var request in cut.Requests)
            Answer(request, notify);
        return cut.Commands;
    }

    /// <summary>Nothing of the batch happened.</summary>
    public void Failed(Exception reason, Action<EngineNotice> notify)
    {
        var cut = _atStore!;
        _atStore = null;
        // What the gateway has committed it says again at the next Welcome; the commands are still in the outbox until then.
        (Count, Bytes) = (Count + cut.Dropped.Count + _dropped.Count, Bytes + cut.Dropped.Bytes + _dropped.Bytes);
        (_dropped, _committed) = (default, (Stored.Known, Stored.Digest));
        _generationWanted = 0;
        _floorWanted = Stored.SendFloor;
        foreach (var request in cut.Requests)
            Refuse(request, reason, notify);
    }

    /// <summary>The engine stops: what was not yet given to the store will not be queued.</summary>
    public void Close(Exception reason, Action<EngineNotice> notify)
    {
        foreach (var request in _gathered)
            Refuse(request, reason, notify);
        _gathered = [];
        _marks.Cut();
    }

    private MarkJoin Join(QueueRequest request)
    {
        // A floor that is at the store counts as raised: the same batch may be followed by the sending.
        var floor = Math.Max(_atStore?.SendFloor ?? 0, Math.Max(Stored.SendFloor, Stored.Known));
        return request.Type == MessageTypes.ReadMark && ReadMark.TryRead(new(request.Payload), out var mark)
            ? _marks.Join(request, mark.Offset, IsChangingGeneration ? ulong.MaxValue : floor)
            : MarkJoin.New;
    }

    private OutboxFullException? Full(int payloadBytes)
    {
        if (Count >= _limits.OutboxCommandsMax)
            return new OutboxFullException(nameof(_limits.OutboxCommandsMax), _limits.OutboxCommandsMax, Count);
        return Bytes + payloadBytes > _limits.OutboxBytesMax
            ? new OutboxFullException(nameof(_limits.OutboxBytesMax), _limits.OutboxBytesMax, Bytes)
            : null;
    }

    private static StoreWrite WriteOf(QueueRequest request, QueueCut cut)
    {
        if (request.IsRewrite)
            return new RewriteCommand(request.Seq, request.Payload);
        request.Seq = ++cut.LastAssigned;
        var command = new OutboxCommand(request.Seq, 0, 0, request.Topic, request.Type, request.Payload, request.QueuedAtMs);
        cut.Commands.Add(command);
        return new QueueCommand(command);
    }

    // Behind the rewrites of this batch, so that what is sent afterwards is what was written.
    private void CutFloor(List<StoreWrite> batch, QueueCut cut, bool sendAtOnce)
    {
        var floor = Math.Min(sendAtOnce ? cut.LastAssigned : _floorWanted, cut.LastAssigned);
        if (floor <= cut.SendFloor)
            return;
        cut.SendFloor = floor;
        batch.Add(new RaiseSendFloor(floor));
    }

    private void Renumber(DeviceIdentity changed)
    {
        // Numbers stay, seqs change: the newest command is the newest under both.
        _shift = unchecked(_shift + Stored.LastAssigned - changed.LastAssigned);
        Stored = changed;
        _floorWanted = changed.SendFloor;
        _committed = (changed.Known, changed.Digest);
        _marks.Forget();
        foreach (var request in _gathered.Where(request => request.IsRewrite))
        {
            request.IsRewrite = false;
            Bytes += request.Payload.Length;
        }
        // Counted anew: damaged commands are gone, and what was a rewrite is a command of its own now.
        Count = (long)changed.LastAssigned + _gathered.Count;
    }

    private void Answer(QueueRequest request, Action<EngineNotice> notify)
    {
        request.Number = NumberOf(request.Seq);
        if (request.Type == MessageTypes.ReadMark)
            _marks.Stored(request, Stored.SendFloor);
        notify(new CommandQueued(request));
        foreach (var joined in request.Joined ?? [])
        {
            joined.Number = request.Number;
            notify(new CommandQueued(joined));
        }
    }

    private void Refuse(QueueRequest request, Exception reason, Action<EngineNotice> notify)
    {
        if (!request.IsRewrite)
            (Count, Bytes) = (Count - 1, Bytes - request.Payload.Length);
        notify(new CommandNotQueued(request, reason));
        foreach (var joined in request.Joined ?? [])
            notify(new CommandNotQueued(joined, reason));
    }
}
