using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// Brings the schema up to date: numbered SQL files (Migrations/0001-….sql), embedded, each applied once in a transaction of its own. The
/// database's user_version says how far it is.
/// </summary>
internal static class Migrations
{
    private const string Prefix = "Holi.Gateway.Storage.Sqlite.Migrations.";

    public static void Apply(SqliteConnection connection)
    {
        var scripts = typeof(Migrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        var version = connection.ExecuteScalar<int>("pragma user_version");
        if (version > scripts.Length)
        {
            throw new SchemaTooNewException(
                version.ToString(CultureInfo.InvariantCulture), scripts.Length.ToString(CultureInfo.InvariantCulture));
        }
        for (; version < scripts.Length; version++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(Read(scripts[version], expected: version + 1), transaction: transaction);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {version + 1}"), transaction: transaction);
            transaction.Commit();
        }
    }

    private static string Read(string script, int expected)
    {
        if (!script.AsSpan(Prefix.Length).StartsWith(expected.ToString("D4", CultureInfo.InvariantCulture)))
            throw new InvalidOperationException($"Migration {expected:D4} is missing.");
        using var reader = new StreamReader(typeof(Migrations).Assembly.GetManifestResourceStream(script)!);
        return reader.ReadToEnd();
    }
}
