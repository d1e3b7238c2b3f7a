namespace Holi.Client.Store;

/// <summary>
/// Copies the events of the topics that could be read. A topic with fewer events than it had, or with others, is emptied: the gateway has them all,
/// and half a topic must not pass for a whole one.
/// </summary>
internal sealed class SalvagedTopics(StoreConnection connection, SealedRows rows, IReadOnlyCollection<TopicRow> topics) : IDisposable
{
    private readonly HashSet<long> _numbers = [.. topics.Select(topic => topic.Number)];
    private readonly NewestRows _newest = new(connection, rows, RowPurpose.Event,
        "INSERT INTO events(row, sealed) VALUES(?1, ?2) ON CONFLICT(row) DO NOTHING",
        "SELECT sealed FROM events WHERE row = ?1",
        "UPDATE events SET sealed = ?2 WHERE row = ?1");

    public bool Found(long row, ReadOnlySpan<byte> sealedRow)
    {
        if (!_numbers.Contains(EventRow.TopicOf(row)) || !rows.TryOpen(RowPurpose.Event, row, sealedRow, out var content)
            || !EventRow.TryRead(content, out var stored))
        {
            return false;
        }
        _newest.Put(row, sealedRow, stored.Commit, -1);
        return true;
    }

    /// <summary>Stores the topics; returns the names of those that must be fetched again.</summary>
    public List<string> Finish(StoreState state)
    {
        var refetch = new List<string>();
        using var put = connection.Prepare("INSERT INTO topics(row, sealed) VALUES(?1, ?2)");
        using var count = connection.Prepare("SELECT count(*), max(row) FROM events WHERE row >= ?1 AND row < ?2");
        using var delete = connection.Prepare("DELETE FROM events WHERE row >= ?1 AND row < ?2");
        foreach (var topic in topics)
        {
            var (from, to) = (EventRow.RowOf(topic.Number, 0), EventRow.RowOf(topic.Number + 1, 0));
            count.Bind(1, from).Bind(2, to).Step();
            var isWhole = (ulong)count.Number(0) == topic.Stored && EventRow.OffsetOf(count.Number(1)) <= topic.Topic.Cursor;
            count.Reset();
            if (isWhole)
            {
                Put(put, topic, state.Commits);
                continue;
            }
            delete.Bind(1, from).Bind(2, to).Run();
            Put(put, new TopicRow(state.NextTopic++, topic.Topic with { Epoch = 0, Cursor = 0 }, 0), state.Commits);
            refetch.Add(topic.Topic.Name);
        }
        return refetch;
    }

    public void Dispose() => _newest.Dispose();

    private void Put(Statement put, TopicRow topic, ulong commit)
    {
        topic.Write(rows.Content, commit);
        put.Bind(1, topic.Number).Bind(2, rows.Seal(RowPurpose.Topic, topic.Number)).Run();
    }
}
