using System.Collections.Immutable;

namespace Holi.Client.Store;

/// <summary>An open database with its keys, before it is known to be whole.</summary>
internal sealed class StoreFile(StoreConnection connection, StoreHeader header, StoreKeys keys) : IDisposable
{
    public StoreConnection Connection { get; } = connection;

    public StoreHeader Header { get; } = header;

    public StoreKeys Keys { get; } = keys;

    public SealedRows Rows { get; } = new(keys);

    /// <summary>The state and the topics; null where one of them does not open, or the tables are not those that were made.</summary>
    public StoreSnapshot? Load()
    {
        if (StoreTable.OpenState(StoreTable.Read(Connection, StoreTable.StateRow), Rows) is not { } state)
            return null;
        Migrations.ThrowIfNewer(state);
        if (state.LayoutHash != Migrations.HashOf(Connection))
            return null;
        var topics = ImmutableDictionary.CreateBuilder<string, TopicRow>();
        using var read = Connection.Prepare("SELECT row, sealed FROM topics");
        while (read.Step())
        {
            var row = read.Number(0);
            if (!Rows.TryOpen(RowPurpose.Topic, row, read.Bytes(1), out var content) || !TopicRow.TryRead(row, content, out var topic, out _))
                return null;
            topics[topic.Topic.Name] = topic;
        }
        return new StoreSnapshot(state, topics.ToImmutable());
    }

    /// <summary>Closes the file. Not after <see cref="SqliteDeviceStore"/> took over what it holds.</summary>
    public void Dispose()
    {
        Rows.Dispose();
        Keys.Dispose();
        Connection.Dispose();
    }
}
