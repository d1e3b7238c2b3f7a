using System.Net;
using Holi.CoPilot;
using Holi.Gateway.Auth;
using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Ops.Telemetry;
using Holi.Gateway.Storage.Postgres;
using Npgsql;

namespace Holi.Gateway.Ops;

/// <summary>What an operator chooses. Read and checked once at start by <see cref="OptionsReader"/>.</summary>
public sealed record HoliOptions
{
    /// <summary>Where the log and, without another key, the development key lie. Default: the user's own data folder, <c>holi</c> in it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Addresses to listen on; <c>http://</c> only, TLS ends in front of the gateway. Default: <c>http://127.0.0.1:5080</c>.</summary>
    public required IReadOnlyList<Uri> Urls { get; init; }

    /// <summary>Web pages that may connect: origins as browsers send them, or <c>*</c>. Programs send none and always may. Default: none.</summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>Proxies whose <c>X-Forwarded-For</c> is believed. Default: none.</summary>
    public required IReadOnlyList<IPAddress> TrustedProxies { get; init; }

    public required AuthOptions Auth { get; init; }

    /// <summary>The Postgres that several gateways share; null where the log is this gateway's own, on SQLite in the data folder.</summary>
    public PostgresOptions? Postgres { get; init; }

    /// <summary>
    /// The Redis on which gateways that share a Postgres tell each other what happened; null where there is none: then they look into the log five times a
    /// second.
    /// </summary>
    public RedisOptions? Redis { get; init; }

    /// <summary>Who writes notes, and what may leave the building for it.</summary>
    public CoPilotOptions CoPilot { get; init; } = new();

    /// <summary>True announces a new epoch for all topics: the operator restored a backup that nothing in it could notice.</summary>
    public bool Restored { get; init; }

    public required GatewayLimits Limits { get; init; }

    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Where the log is, for people.</summary>
    public string LogPlace => Postgres is { } postgres
        ? PostgresSources.Describe(new NpgsqlConnectionStringBuilder(postgres.ConnectionString))
        : $"SQLite, {DatabasePath}";

    public string DatabasePath => Path.Combine(DataFolder, "holi.db");
}

/// <summary>Where tokens come from. At most one of key, key file, authority and JWKS; with none, a development key is made.</summary>
public sealed record AuthOptions
{
    /// <summary>A shared key for HS256, at least 32 bytes.</summary>
    public byte[]? Key { get; init; }

    /// <summary>An OIDC authority.</summary>
    public Uri? Authority { get; init; }

    /// <summary>A JWKS document.</summary>
    public Uri? Jwks { get; init; }

    public required TokenRules Rules { get; init; }

    /// <summary>True where no key was named: one is made and kept in the data folder.</summary>
    public bool IsDevelopment => Key is null && Authority is null && Jwks is null;
}
