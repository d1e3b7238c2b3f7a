using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Postgres;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>What every store keeps of publications, on Postgres.</summary>
public sealed class PostgresPublicationStoreTests : PublicationStoreTests
{
    private PostgresDatabase? _database;

    protected override async ValueTask<ILogStore> CreateAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        return new PostgresLogStore(_database.Options, TimeProvider.System);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }
}
