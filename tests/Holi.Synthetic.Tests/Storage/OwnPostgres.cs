using Holi.Servers;
using Npgsql;

namespace Holi.Synthetic.Tests.Storage;

/// <summary>One server for all tests of a class.</summary>
public sealed class OwnPostgres : IAsyncLifetime
{
    private readonly HashSet<string> _made = [];
    private PostgresServer? _server;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.IsInstalled)
            _server = await PostgresServer.StartAsync(CancellationToken.None);
    }

    /// <summary>Connection string of a database, which is made when it is first asked for.</summary>
    public string Database(string name)
    {
        if (_made.Add(name))
        {
            using var source = NpgsqlDataSource.Create(_server!.ConnectionString);
            using var command = source.CreateCommand($"CREATE DATABASE {name}");
            command.ExecuteNonQuery();
        }
        return _server!.ConnectionString.Replace("Database=postgres", $"Database={name}", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
