using System.Globalization;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Where connections come from: those that write, those that read, and those that look after the schema. Not through a pooler that
/// shares sessions: locks, limits and prepared statements belong to the session.</summary>
internal sealed class PostgresSources : IAsyncDisposable
{
    // A dead peer is noticed after 5 s + 3 × 1 s where nothing is sent, and after 8 s where something is.
    private const int KeepAliveSeconds = 5, KeepAliveInterval = 1, KeepAliveCount = 3, UnacknowledgedMs = 8_000;
    // How often the server looks, while a statement waits, whether anybody still waits for its answer.
    private const int AbandonedCheckMs = 500;
    // More statements than we have.
    private const int PreparedMax = 128;

    private readonly PostgresOptions _options;
    private NpgsqlDataSource? _plain;

    public PostgresSources(PostgresOptions options)
    {
        _options = options;
        Writer = Source("holi-writer", Settings(pooled: false), Writing(options));
        Readers = Source("holi-readers", Settings(pooled: true), Reading(options));
        var upkeep = Settings(pooled: false);
        upkeep.CommandTimeout = Seconds(options.UpgradeTimeout);
        Upkeep = Source("holi-upkeep", upkeep, Keeping(options));
        Place = Describe(new NpgsqlConnectionStringBuilder(options.ConnectionString));
    }

    /// <summary>Gives a new connection each time: the writer keeps it, and throws it away after a failure.</summary>
    public NpgsqlDataSource Writer { get; }

    /// <summary>A bounded pool.</summary>
    public NpgsqlDataSource Readers { get; }

    /// <summary>For what happens once at start and may take long.</summary>
    public NpgsqlDataSource Upkeep { get; }

    /// <summary>As anybody else would connect, without settings for the session: for who wants to see the server's.</summary>
    public NpgsqlDataSource Plain => _plain ??= Source("holi-doctor", Settings(pooled: false), "");

    /// <summary>Which database, for people: no user, no password.</summary>
    public string Place { get; }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync().ConfigureAwait(false);
        await Readers.DisposeAsync().ConfigureAwait(false);
        await Upkeep.DisposeAsync().ConfigureAwait(false);
        if (_plain is not null)
            await _plain.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Which database a connection string names, without its user and password.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder settings) => string.Create(
        CultureInfo.InvariantCulture, $"Postgres, database {settings.Database ?? settings.Username ?? "?"} on {settings.Host}:{settings.Port}");

    private NpgsqlConnectionStringBuilder Settings(bool pooled)
    {
        var settings = new NpgsqlConnectionStringBuilder(_options.ConnectionString)
        {
            Pooling = pooled,
            Multiplexing = false,
            Enlist = false,
            Timeout = Seconds(_options.ConnectTimeout),
            // Ours is shorter and ends the connection (CancellationTimeout −1); this one is for whatever we forget.
            CommandTimeout = 2 * Seconds(_options.AnswerTimeout),
            CancellationTimeout = -1,
            TcpKeepAlive = true,
            TcpKeepAliveTime = KeepAliveSeconds,
            TcpKeepAliveInterval = KeepAliveInterval,
            MaxAutoPrepare = PreparedMax,
            AutoPrepareMinUsages = 1,
            // What a row holds is nobody's business but its owner's.
            IncludeErrorDetail = false,
            LogParameters = false,
            PersistSecurityInfo = false,
        };
        if (string.IsNullOrEmpty(settings.ApplicationName))
            settings.ApplicationName = "holi-gateway";
        if (pooled)
            (settings.MinPoolSize, settings.MaxPoolSize, settings.NoResetOnClose) = (0, _options.ReadersMax, true);
        return settings;
    }

    private static NpgsqlDataSource Source(string name, NpgsqlConnectionStringBuilder settings, string session)
    {
        if (session.Length > 0)
            settings.Options = string.IsNullOrEmpty(settings.Options) ? session : $"{settings.Options} {session}";
        // Named, or measurements would show it by its connection string.
        var builder = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString) { Name = name };
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        // Only types that every server has: it need not be asked about others.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        // Where several servers are named, one of them is the primary.
        return settings.Host?.Contains(',', StringComparison.Ordinal) == true
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    // What COMMIT returned from is on disk, there and on every synchronous standby.
    private static string Writing(PostgresOptions options) =>
        $"{Session(options.LockTimeout, options.StatementTimeout, options.IdleTimeout)} -c synchronous_commit=on {Plans}";

    private static string Reading(PostgresOptions options) =>
        $"{Session(options.LockTimeout, options.StatementTimeout, options.IdleTimeout)} -c default_transaction_read_only=on {Plans}";

    // Its statements may take long, but not wait long: whoever comes behind one that waits for a whole table waits with it.
    private static string Keeping(PostgresOptions options) =>
        $"{Session(options.LockTimeout, options.UpgradeTimeout, options.IdleTimeout)} -c synchronous_commit=on";

    // Every question here is a few rows by their keys. A plan is made once, when the tables may be empty and a scan looks cheap, and kept.
    private const string Plans =
        "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off";

    private static string Session(TimeSpan locks, TimeSpan statement, TimeSpan idle) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        -c lock_timeout={locks.TotalMilliseconds} -c statement_timeout={statement.TotalMilliseconds}
        -c idle_in_transaction_session_timeout={idle.TotalMilliseconds} -c client_connection_check_interval={AbandonedCheckMs}
        -c tcp_keepalives_idle={KeepAliveSeconds} -c tcp_keepalives_interval={KeepAliveInterval} -c tcp_keepalives_count={KeepAliveCount}
        -c tcp_user_timeout={UnacknowledgedMs}
        """).ReplaceLineEndings(" ");

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}
