using Holi.Gateway.Storage.Postgres;
using Holi.Servers;
using Npgsql;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>A database of one test's own, and the data folder of the gateways that use it.</summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;

    private PostgresDatabase(PostgresServer server, string name) => (_server, Name) = (server, name);

    public string Name { get; }

    public TempFolder Folder { get; } = new();

    public string ConnectionString => Of(Name);

    public PostgresOptions Options => new() { ConnectionString = ConnectionString, DataFolder = Folder.Path };

    /// <param name="server">Else the shared one.</param>
    public static async Task<PostgresDatabase> CreateAsync(PostgresServer? server = null)
    {
        var database = new PostgresDatabase(server ?? await SharedPostgres.GetAsync(), $"t{Guid.NewGuid():N}");
        await ExecuteAsync(database.Of("postgres"), $"create database {database.Name}");
        return database;
    }

    /// <summary>A store on it, open.</summary>
    public async Task<PostgresLogStore> OpenAsync(Func<PostgresOptions, PostgresOptions>? change = null, TimeProvider? time = null)
    {
        var store = new PostgresLogStore(change is null ? Options : change(Options), time ?? TimeProvider.System);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(ConnectionString, sql);

    /// <summary>The first column of the first row.</summary>
    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_server.Process.HasExited)
            await ExecuteAsync(Of("postgres"), $"drop database {Name} with (force)");
        Folder.Dispose();
    }

    private string Of(string name) => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name, Pooling = false }.ToString();

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
