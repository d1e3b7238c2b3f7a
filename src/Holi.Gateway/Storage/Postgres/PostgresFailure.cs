using System.Net.Sockets;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>
/// What a failure of Postgres means for us: the store cannot do it now (the caller tries again), or we asked for something wrong (a bug).
/// Messages are built from codes alone: Postgres's own may quote a row.
/// </summary>
internal static class PostgresFailure
{
    // idle_in_transaction_session_timeout has struck.
    private const string PausedInTransaction = "25P03";

    /// <summary>True for what talking to Postgres may throw.</summary>
    public static bool Is(Exception failure) =>
        failure is NpgsqlException or SocketException or IOException or TimeoutException or OperationCanceledException or ObjectDisposedException;

    /// <summary>The failure in our words.</summary>
    public static Exception Of(Exception failure, string doing) => failure switch
    {
        PostgresException answer => Of(answer, doing),
        OperationCanceledException => new StoreUnavailableException($"Postgres did not answer in time while {doing}", failure),
        _ when Find<TimeoutException>(failure) is not null => new StoreUnavailableException(
            $"Postgres did not answer in time, or all connections are in use, while {doing}", failure),
        _ when Find<SocketException>(failure) is { } socket => new StoreUnavailableException(
            $"Postgres cannot be reached ({socket.SocketErrorCode}) while {doing}", failure),
        _ => new StoreUnavailableException($"The connection to Postgres broke while {doing}", failure),
    };

    private static Exception Of(PostgresException answer, string doing)
    {
        var message = $"Postgres: {Name(answer.SqlState)} ({answer.SqlState}) while {doing}";
        return IsOurs(answer) ? new InvalidOperationException(message, answer) : new StoreUnavailableException(message, answer);
    }

    // Constraints, data, syntax: asking again would fail again. But not where the schema is missing or was changed under a prepared statement
    // (0A000), which passes, and not where somebody else made the same device, topic or publication first.
    private static bool IsOurs(PostgresException answer) => answer.SqlState switch
    {
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege => false,
        PostgresErrorCodes.UniqueViolation => answer.TableName is not ("topics" or "devices" or "publications"),
        _ => answer.SqlState[..2] is "22" or "23" or "42" or "P0" or "21",
    };

    private static string Name(string state) => state switch
    {
        PostgresErrorCodes.LockNotAvailable => "locked by another for too long",
        PostgresErrorCodes.DeadlockDetected => "deadlock",
        PostgresErrorCodes.QueryCanceled => "took too long",
        PostgresErrorCodes.DiskFull => "disk full",
        PostgresErrorCodes.OutOfMemory => "out of memory",
        PostgresErrorCodes.TooManyConnections => "no connection left",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "shutting down",
        PostgresErrorCodes.CannotConnectNow => "starting up",
        PausedInTransaction => "this gateway paused in the middle of a batch",
        PostgresErrorCodes.ReadOnlySqlTransaction => "a standby, or set to read only; name the primary",
        PostgresErrorCodes.UndefinedTable => "the schema is missing",
        PostgresErrorCodes.InsufficientPrivilege => "the role may not do this",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "role or password refused",
        PostgresErrorCodes.InvalidCatalogName => "there is no such database",
        PostgresErrorCodes.UniqueViolation => "already there",
        PostgresErrorCodes.SerializationFailure => "in the way of another",
        _ => state[..2] switch
        {
            "08" => "connection failed",
            "53" => "out of resources",
            "57" => "told to stop",
            "58" or "XX" => "failure of the server",
            _ => "failure",
        },
    };

    private static T? Find<T>(Exception? failure)
        where T : Exception
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is T found)
                return found;
        }
        return null;
    }
}
