using Holi.Servers;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>A server of one class's own, which may be hurt.</summary>
public sealed class OwnPostgres : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server => _server ?? throw new InvalidOperationException("There is no server.");

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.IsInstalled)
            _server = await PostgresServer.StartAsync(CancellationToken.None);
    }

    /// <summary>A database on it; skips the test where there is no server.</summary>
    public Task<PostgresDatabase> CreateAsync()
    {
        Assert.SkipWhen(_server is null, "PostgreSQL is not installed");
        return PostgresDatabase.CreateAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
