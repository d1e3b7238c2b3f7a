using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;

namespace Holi.Gateway.Tests.Storage;

/// <summary>The conformance suite on SQLite.</summary>
public sealed class SqliteLogStoreTests : LogStoreTests
{
    private readonly TempFolder _folder = new();

    protected override ValueTask<ILogStore> CreateAsync() =>
        ValueTask.FromResult<ILogStore>(new SqliteLogStore(new SqliteOptions { Path = _folder.File("holi.db") }, TimeProvider.System));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
