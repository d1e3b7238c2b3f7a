namespace Holi.Client.Store;

/// <summary>Reads a topic's stored events, forwards or from the end, and says whether one did not open.</summary>
internal sealed class ReplicaReader(StoreConnection connection, SealedRows rows) : IDisposable
{
    private readonly Statement _after = connection.Prepare("SELECT row, sealed FROM events WHERE row > ?1 AND row < ?2 ORDER BY row LIMIT ?3");
    private readonly Statement _before = connection.Prepare("SELECT row, sealed FROM events WHERE row > ?1 AND row < ?2 ORDER BY row DESC LIMIT ?3");

    public List<ReplicaEvent> After(TopicRow topic, ulong after, int countMax, ref bool damaged) =>
        Read(_after.Bind(1, EventRow.RowOf(topic.Number, after)).Bind(2, EventRow.RowOf(topic.Number + 1, 0)), topic, countMax, ref damaged);

    public List<ReplicaEvent> Before(TopicRow topic, ulong before, int countMax, ref bool damaged)
    {
        var end = before == 0 ? EventRow.RowOf(topic.Number + 1, 0) : EventRow.RowOf(topic.Number, before);
        var events = Read(_before.Bind(1, EventRow.RowOf(topic.Number, 0)).Bind(2, end), topic, countMax, ref damaged);
        events.Reverse();
        return events;
    }

    public void Dispose()
    {
        _after.Dispose();
        _before.Dispose();
    }

    private List<ReplicaEvent> Read(Statement read, TopicRow topic, int countMax, ref bool damaged)
    {
        var events = new List<ReplicaEvent>();
        read.Bind(3, countMax);
        try
        {
            while (read.Step())
            {
                var row = read.Number(0);
                if (rows.TryOpen(RowPurpose.Event, row, read.Bytes(1), out var content) && EventRow.TryRead(content, out var stored))
                    events.Add(stored.ToEvent(topic.Topic.Name, row));
                else
                    damaged = true;
            }
        }
        finally
        {
            read.Reset();
        }
        return events;
    }
}
