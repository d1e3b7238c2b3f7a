using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// One topic: what the store holds of it, what is gathered for the next batch, and where this connection is with it.
/// <para>Cursors, in order: <c>Acked ≤ Synced ≤ Stored ≤ cut ≤ Now</c>, and an ack is never beyond <c>Position</c>, what this connection was sent.
/// An event is taken once, however often it comes; it is shown when it is stored, and the gateway hears of it, in Ack and in Hello, only
/// when it is synced.</para>
/// </summary>
internal sealed class TopicState(string name)
{
    private readonly List<ulong> _erased = [];
    private List<ReplicaEvent> _events = [];
    private ulong _cutCursor;
    private bool _put;
    private bool _complete;
    private bool _epochBegun;

    public TopicState(ReplicaTopic stored)
        : this(stored.Name)
    {
        Synced = Stored = Now = stored;
        _cutCursor = stored.Cursor;
    }

    public string Name { get; } = name;

    /// <summary>As the store has it; null before it has it.</summary>
    public ReplicaTopic? Stored { get; private set; }

    /// <summary>As the store has it whatever happens, power cuts included: older than <see cref="Stored"/>, or the same.</summary>
    public ReplicaTopic? Synced { get; private set; }

    /// <summary>As it is, gathered changes included. Its cursor is what was taken.</summary>
    public ReplicaTopic Now { get; private set; } =
        new(name, 0, 0, 0, 0, 0, MemberRole.Member, 0, null, 0, 0, 0, Gone: false);

    /// <summary>This connection's number for it; 0: none.</summary>
    public uint Number { get; private set; }

    /// <summary>The last offset this connection was sent; the next is this + 1.</summary>
    public ulong Position { get; private set; }

    /// <summary>The last offset acknowledged on this connection.</summary>
    public ulong Acked { get; set; }

    /// <summary>Complete was said on this connection.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Complete was said on this connection since the first announcement: its events are not in the bulk lane any more (§5.1).</summary>
    public bool WasComplete { get; private set; }

    /// <summary>When the last Complete came, on whatever connection since the start.</summary>
    public TimeSpan? CompleteAt { get; private set; }

    /// <summary>There is something for the next batch.</summary>
    public bool IsDirty => _put || _complete || _events.Count > 0 || _erased.Count > 0 || Now.Cursor > _cutCursor;

    /// <summary>The head when it was announced on this connection: what the announcement said is newer than any event up to here.</summary>
    public ulong AnnouncedHead { get; private set; }

    /// <summary>Commands sent on this connection whose events have not come back. A refused one never does: then an event of the same user's other device passes for it.</summary>
    public int EchoesExpected { get; set; }

    /// <summary>It waits for <see cref="TopicIntake.Settle"/>.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Something that a reader would notice has changed since the last look.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Topic came (§8.1): its number, and where its events begin. <paramref name="cursor"/> is what Hello or Follow named.</summary>
    public void Announce(TopicFrame frame, ulong cursor)
    {
        if (frame.Epoch != Now.Epoch)
            BeginEpoch(frame.Epoch);
        var from = Math.Min(cursor, Now.Cursor);
        (Number, AnnouncedHead) = (frame.Number, frame.Head);
        Position = Math.Min(frame.Start, from);
        Acked = Position;
        IsComplete = false;
        Change(Now with
        {
            Head = frame.Head,
            First = frame.First,
            Read = Math.Max(frame.Read, Now.Read),
            Role = frame.Role,
            Member = frame.Member,
            Title = frame.Title,
            Members = (int)Math.Min(frame.Members, int.MaxValue),
            Gone = false,
        });
    }

    /// <summary>Writes down what this device itself decided: a conversation it creates, a position it read to.</summary>
    public void Change(ReplicaTopic now)
    {
        if (now == Now)
            return;
        Now = now;
        _put = IsChanged = true;
    }

    /// <summary>An event's turn: <see cref="Violation"/> where one is missing before it. True where it is new and was gathered.</summary>
    public bool Take(ulong offset, out Violation violation)
    {
        violation = offset > Position + 1 ? new Violation(HoliCode.BadValue, "8.2") : Violation.None;
        if (!violation.IsNone)
            return false;
        Position = Math.Max(Position, offset);
        return offset > Now.Cursor;
    }

    /// <summary>Gathers a new event, the one after the cursor.</summary>
    public void Add(ReplicaEvent added)
    {
        _events.Add(added);
        IsChanged = true;
        // Head is worth no PutTopic of its own: it is told again at the next announcement.
        Now = Now with { Cursor = added.Offset, Head = Math.Max(Now.Head, added.Offset) };
    }

    /// <summary>A deleted message: erased where it lies.</summary>
    public void Erase(ulong offset)
    {
        var gathered = _events.FindIndex(e => e.Offset == offset);
        if (gathered >= 0)
            _events[gathered] = _events[gathered] with { Type = MessageTypes.MessageErased, Payload = [0x90] };
        else
            _erased.Add(offset);
    }

    /// <summary>Skip came (§8.3).</summary>
    public void Skip(ulong through)
    {
        Position = Math.Max(Position, through);
        if (through > Now.Cursor)
            (Now, IsChanged) = (Now with { Cursor = through, Head = Math.Max(Now.Head, through) }, true);
    }

    /// <summary>Complete came (§8.5); beyond what was sent it is the gateway's mistake.</summary>
    public Violation Complete(ulong offset, long timeMs, TimeSpan now)
    {
        if (offset > Position)
            return new Violation(HoliCode.BadValue, "8.5");
        IsComplete = WasComplete = true;
        CompleteAs(Math.Max(offset, Now.CompleteThrough), timeMs, now);
        return Violation.None;
    }

    /// <summary>It is complete through what was taken, as of a time; written down with the next batch.</summary>
    public void CompleteAs(ulong through, long timeMs, TimeSpan at)
    {
        CompleteAt = at;
        Now = Now with { CompleteThrough = Math.Max(through, Now.CompleteThrough), CompleteAtMs = Math.Max(timeMs, Now.CompleteAtMs) };
        _complete = IsChanged = true;
    }

    /// <summary>Drops everything that is held of it; the next announcement begins anew.</summary>
    public void Empty() => BeginEpoch(0);

    /// <summary>The connection is over.</summary>
    public void Disconnect() => (Number, Position, Acked, EchoesExpected, IsComplete, WasComplete) = (0, 0, 0, 0, false, false);

    /// <summary>Adds what is gathered to the batch, in the order in which the store can take it.</summary>
    public TopicCut Cut(List<StoreWrite> batch)
    {
        var reset = Stored is null || _epochBegun;
        var before = reset ? 0 : _cutCursor;
        if (_put || reset)
            batch.Add(new PutTopic(Now with { Cursor = before }));
        var events = _events;
        if (Now.Cursor > before)
            batch.Add(new AppendEvents(Name, Now.Cursor, events));
        foreach (var offset in _erased)
            batch.Add(new EraseEvent(Name, offset));
        if (_complete)
            batch.Add(new MarkComplete(Name, Now.CompleteThrough, Now.CompleteAtMs));
        _cutCursor = Now.Cursor;
        _events = [];
        _erased.Clear();
        (_put, _complete, _epochBegun) = (false, false, false);
        return new TopicCut(this, Now, before, events);
    }

    /// <summary>The cut is written.</summary>
    public void Written(ReplicaTopic cut) => Stored = cut;

    /// <summary>What is written is synced.</summary>
    public void MarkSynced() => Synced = Stored;

    /// <summary>The cut is not on disk: everything since the last that is, is forgotten. The gateway sends it again.</summary>
    public void Failed()
    {
        _events = [];
        _erased.Clear();
        (_put, _complete, _epochBegun) = (false, false, false);
        Now = Stored ?? new TopicState(Name).Now;
        _cutCursor = Now.Cursor;
        IsChanged = true;
    }

    private void BeginEpoch(ulong epoch)
    {
        _events = [];
        _erased.Clear();
        _epochBegun = true;
        Now = Now with { Epoch = epoch, Cursor = 0, Head = 0, Read = 0, CompleteThrough = 0, CompleteAtMs = 0 };
        CompleteAt = null;
        _put = IsChanged = true;
    }
}

/// <summary>What of a topic is in the batch at the store.</summary>
internal sealed record TopicCut(TopicState Topic, ReplicaTopic Now, ulong After, List<ReplicaEvent> Events);
