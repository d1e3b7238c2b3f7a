namespace Holi.Gateway.Topics;

/// <summary>
/// The heads of topics that were written while nobody followed them. Whoever begins to follow has read the log a moment before; if the
/// topic was written in between, the hub had nobody to tell. This remembers it for them, and knows when it no longer can.
/// </summary>
internal sealed class RecentHeads(int capacity)
{
    private readonly Dictionary<long, ulong> _heads = [];
    private readonly Queue<(long TopicId, ulong Head, long Batch)> _order = new();

    /// <summary>Everything published after this batch is still remembered.</summary>
    public long Floor { get; private set; }

    public void Add(long topicId, ulong head, long batch)
    {
        _heads[topicId] = head;
        _order.Enqueue((topicId, head, batch));
        if (_order.Count <= capacity)
            return;
        var oldest = _order.Dequeue();
        Floor = oldest.Batch;
        if (_heads.TryGetValue(oldest.TopicId, out var newest) && newest == oldest.Head)
            _heads.Remove(oldest.TopicId);
    }

    public ulong HeadOf(long topicId) => _heads.GetValueOrDefault(topicId);
}
