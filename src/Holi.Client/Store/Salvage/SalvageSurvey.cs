namespace Holi.Client.Store;

/// <summary>The first look at a damaged store: its newest state, and the newest version of each topic.</summary>
internal sealed class SalvageSurvey(SealedRows rows)
{
    private readonly Dictionary<string, (TopicRow Topic, ulong Commit)> _topics = [];

    /// <summary>The newest state that opened; a blank one where none did.</summary>
    public StoreState State { get; private set; } = StoreState.New();

    public IReadOnlyCollection<TopicRow> Topics => [.. _topics.Values.Select(each => each.Topic)];

    public void Run(PageScan scan, byte[] markState)
    {
        scan.Each(FindState);
        // The mark knows of commits that neither file shows: what the log holds behind its last readable commit was committed too.
        if (StoreTable.OpenState(markState, rows) is { } marked && marked.Commits >= State.Commits)
        {
            scan.BehindLastCommit = marked.Commits > State.Commits;
            State = marked;
        }
        Migrations.ThrowIfNewer(State);
        scan.Each(FindTopic);
        State.NeedsGeneration = true;
        foreach (var (topic, _) in _topics.Values)
            State.NextTopic = Math.Max(State.NextTopic, topic.Number + 1);
    }

    private bool FindState(long row, ReadOnlySpan<byte> sealedRow)
    {
        if (row != StoreTable.StateRow || StoreTable.OpenState(sealedRow, rows) is not { } state)
            return false;
        if (state.Commits >= State.Commits)
            State = state;
        return true;
    }

    private bool FindTopic(long row, ReadOnlySpan<byte> sealedRow)
    {
        if (row < 1 || !rows.TryOpen(RowPurpose.Topic, row, sealedRow, out var content) || !TopicRow.TryRead(row, content, out var topic, out var commit))
            return false;
        if (!_topics.TryGetValue(topic.Topic.Name, out var known) || known.Commit < commit)
            _topics[topic.Topic.Name] = (topic, commit);
        return true;
    }
}
