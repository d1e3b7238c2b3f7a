using DbUp;
using DbUp.Engine;
using DbUp.Postgresql;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// Brings the schema up to date: numbered SQL files (Migrations/0001-….sql), embedded, each applied once in a transaction of its own and
/// recorded in a table. To be called by one gateway at a time; others, of this version or the one before, may be running, so a file adds and leaves
/// what is there as it is.
/// </summary>
/// <remarks>
/// A file named <c>….additive.sql</c> says that programs that do not know it can go on with the schema: such a program may be restarted while a
/// newer one is rolled out, and rolled back to. Any other file that a program does not know is refused.
/// </remarks>
internal static class PostgresMigrations
{
    private const string Prefix = "Holi.Gateway.Storage.Postgres.Migrations.";
    private const string Journal = "holi_schema";
    private const string Additive = ".additive.sql";
    private const string CreateTable = "create table ";

    /// <summary>All files that this program knows, in order.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        .. typeof(PostgresMigrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The tables that they make.</summary>
    public static IReadOnlyList<string> Tables { get; } =
    [
        .. Known.SelectMany(name => Read(name).Split('\n'))
            .Where(line => line.StartsWith(CreateTable, StringComparison.Ordinal))
            .Select(line => line[CreateTable.Length..].Split(' ', '(')[0])
            .Distinct(),
    ];

    /// <summary>An applied file that this program does not know and must; null where it can go on with the schema.</summary>
    public static string? TooNew(IEnumerable<string> applied) =>
        applied.FirstOrDefault(name => !Known.Contains(name) && !name.EndsWith(Additive, StringComparison.Ordinal));

    /// <summary>Applies what is missing; gives the names of that.</summary>
    /// <param name="source">For connections whose statements may take long.</param>
    /// <param name="names">Those to apply, in order: <see cref="Known"/>.</param>
    /// <exception cref="SchemaTooNewException">A later version was here.</exception>
    public static IReadOnlyList<string> Apply(NpgsqlDataSource source, IEnumerable<string> names)
    {
        var scripts = names.Select(name => new SqlScript(name, Read(name))).ToArray();
        var upgrade = DeployChanges.To.PostgresqlDatabase(new PostgresqlConnectionManager(source))
            .WithScripts(scripts)
            .WithVariablesDisabled()
            .WithTransactionPerScript()
            .JournalToPostgresqlTable(null, Journal)
            .LogToNowhere()
            .Build();
        try
        {
            if (TooNew(upgrade.GetExecutedScripts()) is { } later)
                throw new SchemaTooNewException(later, Known[^1]);
            var result = upgrade.PerformUpgrade();
            return result.Successful ? [.. result.Scripts.Select(script => script.Name)] : throw Failure(result.Error);
        }
        catch (Exception failure) when (PostgresFailure.Is(failure))
        {
            throw Failure(failure);
        }
    }

    private static Exception Failure(Exception failure) => PostgresFailure.Is(failure)
        ? PostgresFailure.Of(failure, "upgrading the schema")
        : new InvalidOperationException("Upgrading the schema failed.", failure);

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(PostgresMigrations).Assembly.GetManifestResourceStream(Prefix + name)!);
        return reader.ReadToEnd();
    }
}
