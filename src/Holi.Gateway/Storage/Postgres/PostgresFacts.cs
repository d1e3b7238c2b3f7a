using System.Globalization;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>What a Postgres says of itself and of this role, as far as it matters to us.</summary>
internal sealed record PostgresFacts
{
    public required int Version { get; init; }
    public required bool IsStandby { get; init; }
    /// <summary>Settings by their names; those that this version does not have are absent.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
    /// <summary>Connections in use now, by anybody.</summary>
    public required int Connections { get; init; }
    /// <summary>The most that the role or the database may have; null where there is no such limit.</summary>
    public required int? OwnLimit { get; init; }
    public required bool MayCreate { get; init; }
    /// <summary>Tables of ours that belong to a role which this one is no member of.</summary>
    public required IReadOnlyList<string> Foreign { get; init; }
    /// <summary>Tables of ours that this role may not read and write.</summary>
    public required IReadOnlyList<string> Denied { get; init; }
    /// <summary>Files of the schema that were applied; null where there is no schema.</summary>
    public required IReadOnlyList<string>? Applied { get; init; }
    public required bool IsEncrypted { get; init; }
    /// <summary>The server's clock less ours.</summary>
    public required TimeSpan ClockAhead { get; init; }

    public string Setting(string name) => Settings.GetValueOrDefault(name, "");

    public int Number(string name) => int.TryParse(Setting(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static readonly string[] Names =
    [
        "server_version_num", "fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names", "autovacuum", "max_connections",
        "superuser_reserved_connections", "reserved_connections", "server_encoding", "default_transaction_read_only", "log_statement",
        "log_min_duration_statement", "log_parameter_max_length", "log_parameter_max_length_on_error",
    ];

    private const string RoleSql = """
        select pg_is_in_recovery(),
          (select count(*)::int from pg_stat_activity where backend_type = 'client backend'),
          least(nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1)),
          coalesce(has_schema_privilege(current_schema(), 'create'), false),
          to_regclass('holi_schema') is not null,
          coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false),
          clock_timestamp()
        from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()
        """;

    // Truncation and deletion aside: nothing of ours is truncated, and what is deleted belongs to who may update.
    private const string TablesSql = """
        select relname::text, not pg_has_role(relowner, 'usage'),
          not (has_table_privilege(oid, 'select') and has_table_privilege(oid, 'insert'))
        from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname = any($1)
        """;

    public static async ValueTask<PostgresFacts> ReadAsync(NpgsqlConnection connection, TimeProvider time, CancellationToken cancel)
    {
        var settings = new Dictionary<string, string>();
        var (foreign, denied, applied) = (new List<string>(), new List<string>(), new List<string>());
        PostgresFacts? role = null;
        var hasSchema = false;
        var sent = time.GetUtcNow();
        await using (var trip = new RoundTrip(connection))
        {
            await trip
                .Ask(row => (role, hasSchema) = ReadRole(row, sent, time.GetUtcNow()), RoleSql)
                .Ask(row => settings.Add(row.GetString(0), row.GetString(1)), "select name, setting from pg_settings where name = any($1)", Bind.Texts(Names))
                .Ask(row => Sort(row, foreign, denied), TablesSql, Bind.Texts([.. PostgresMigrations.Tables]))
                .SendAsync(cancel).ConfigureAwait(false);
        }
        if (hasSchema)
        {
            await using var trip = new RoundTrip(connection);
            await trip.Ask(row => applied.Add(row.GetString(0)), "select scriptname from holi_schema order by 1").SendAsync(cancel).ConfigureAwait(false);
        }
        return role! with
        {
            Settings = settings,
            Version = int.Parse(settings["server_version_num"], CultureInfo.InvariantCulture),
            Foreign = foreign,
            Denied = denied,
            Applied = hasSchema ? applied : null,
        };
    }

    private static (PostgresFacts, bool) ReadRole(NpgsqlDataReader row, DateTimeOffset sent, DateTimeOffset came)
    {
        var facts = new PostgresFacts
        {
            Version = 0,
            IsStandby = row.GetBoolean(0),
            Settings = new Dictionary<string, string>(),
            Connections = row.GetInt32(1),
            OwnLimit = row.IsDBNull(2) ? null : row.GetInt32(2),
            MayCreate = row.GetBoolean(3),
            Foreign = [],
            Denied = [],
            Applied = null,
            IsEncrypted = row.GetBoolean(5),
            ClockAhead = new DateTimeOffset(row.GetDateTime(6), TimeSpan.Zero) - (sent + ((came - sent) / 2)),
        };
        return (facts, row.GetBoolean(4));
    }

    private static void Sort(NpgsqlDataReader row, List<string> foreign, List<string> denied)
    {
        if (row.GetBoolean(1))
            foreign.Add(row.GetString(0));
        if (row.GetBoolean(2))
            denied.Add(row.GetString(0));
    }
}
