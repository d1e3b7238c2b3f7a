using Holi.Wire.Payloads;

namespace Holi.Client.Engine;

/// <summary>
/// Which read marks may still be joined (holi.v1.md §7.7): a later mark of a topic takes the place of an earlier one under its seq,
/// as long as that one was never sent. One entry per topic; those of an earlier run of the app are not known and stay as they are.
/// </summary>
internal sealed class ReadMarks
{
    private sealed record Mark(QueueRequest Request, ulong Offset);

    // The newest mark of each topic: gathered (no seq yet, or a rewrite), at the store, or stored.
    private readonly Dictionary<string, Mark> _gathered = [];
    private readonly Dictionary<string, (ulong Seq, ulong Number, ulong Offset)> _stored = [];

    /// <summary>
    /// Joins <paramref name="request"/> to an earlier mark. <see cref="MarkJoin.New"/>: queue it as it is. <see cref="MarkJoin.Rewrite"/>:
    /// gather it, it replaces a stored one. <see cref="MarkJoin.Joined"/>: it is answered with the one that waits.
    /// <see cref="MarkJoin.Done"/>: a mark as far or further is queued already.
    /// </summary>
    public MarkJoin Join(QueueRequest request, ulong offset, ulong sendFloor)
    {
        if (_gathered.TryGetValue(request.Topic, out var waiting))
        {
            if (offset > waiting.Offset)
            {
                waiting.Request.Payload = request.Payload;
                _gathered[request.Topic] = waiting with { Offset = offset };
            }
            (waiting.Request.Joined ??= []).Add(request);
            return MarkJoin.Joined;
        }
        if (_stored.TryGetValue(request.Topic, out var stored) && stored.Seq > sendFloor)
        {
            request.Number = stored.Number;
            if (offset <= stored.Offset)
                return MarkJoin.Done;
            request.Seq = stored.Seq;
            request.IsRewrite = true;
            _gathered[request.Topic] = new Mark(request, offset);
            return MarkJoin.Rewrite;
        }
        _gathered[request.Topic] = new Mark(request, offset);
        return MarkJoin.New;
    }

    /// <summary>The gathered marks are on their way to the store: a later one begins anew until they are stored.</summary>
    public void Cut() => _gathered.Clear();

    /// <summary>A mark was stored; unless the send floor was raised over it at once it may be joined.</summary>
    public void Stored(QueueRequest request, ulong sendFloor)
    {
        if (request.Seq > sendFloor && ReadMark.TryRead(new(request.Payload), out var mark))
            _stored[request.Topic] = (request.Seq, request.Number, mark.Offset);
        else
            _stored.Remove(request.Topic);
    }

    /// <summary>Seqs have changed, and what was sent under the old ones is not known any more: nothing stored may be joined.</summary>
    public void Forget() => _stored.Clear();
}

/// <summary>What became of a read mark.</summary>
internal enum MarkJoin
{
    New,
    Rewrite,
    Joined,
    Done,
}
