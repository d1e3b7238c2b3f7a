namespace Holi.Client.Store;

/// <summary>A connection of one's own for reading, with its statements and sealers. One thread at a time.</summary>
internal sealed class StoreReader : IDisposable
{
    private readonly StoreConnection _connection;
    private readonly SealedRows _rows;

    public StoreReader(string path, StoreKeys keys)
    {
        _connection = StoreConnection.OpenReader(path);
        _rows = new SealedRows(keys);
        try
        {
            Outbox = new OutboxReader(_connection, _rows);
            Replica = new ReplicaReader(_connection, _rows);
        }
        catch
        {
            _rows.Dispose();
            _connection.Dispose();
            throw;
        }
    }

    public OutboxReader Outbox { get; }

    public ReplicaReader Replica { get; }

    public void Dispose()
    {
        Outbox.Dispose();
        Replica.Dispose();
        _rows.Dispose();
        _connection.Dispose();
    }
}
