using Holi.Gateway.Tests.Storage.Postgres;
using Holi.Servers;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>One private server for all tests that do not hurt it, started for the first and stopped after the last.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private static readonly SemaphoreSlim Turn = new(1, 1);
    private static PostgresServer? _server;

    /// <summary>The server; skips the test where none is installed.</summary>
    public static async Task<PostgresServer> GetAsync()
    {
        Assert.SkipUnless(PostgresServer.IsInstalled, "PostgreSQL is not installed");
        await Turn.WaitAsync();
        try
        {
            return _server ??= await PostgresServer.StartAsync(CancellationToken.None);
        }
        finally
        {
            Turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }
}
