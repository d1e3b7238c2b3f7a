using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Holi.Gateway.Storage.Sqlite;

/// <summary>
/// Brings the schema up to date: numbered SQL files (Migrations/0001-….sql), embedded, each applied once in a transaction of its own. The
/// database's user_version is the number of the last one. Numbers ascend; one may be missing where a file was never shipped.
/// </summary>
internal static class Migrations
{
    private const string Prefix = "Holi.Gateway.Storage.Sqlite.Migrations.";
    private const int NumberDigits = 4;

    public static void Apply(SqliteConnection connection)
    {
        var scripts = typeof(Migrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => (Name: name, Number: Number(name)))
            .OrderBy(script => script.Number)
            .ToArray();
        var version = connection.ExecuteScalar<int>("pragma user_version");
        if (version > scripts[^1].Number)
        {
            throw new SchemaTooNewException(
                version.ToString(CultureInfo.InvariantCulture), scripts[^1].Number.ToString(CultureInfo.InvariantCulture));
        }
        foreach (var (name, number) in scripts)
        {
            if (number <= version)
                continue;
            using var transaction = connection.BeginTransaction();
            connection.Execute(Read(name), transaction: transaction);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {number}"), transaction: transaction);
            transaction.Commit();
        }
    }

    private static int Number(string script) =>
        int.Parse(script.AsSpan(Prefix.Length, NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Read(string script)
    {
        using var reader = new StreamReader(typeof(Migrations).Assembly.GetManifestResourceStream(script)!);
        return reader.ReadToEnd();
    }
}
