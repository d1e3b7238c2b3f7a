using Holi.Load.Network;
using Holi.Servers;
using Npgsql;

namespace Holi.Load.Chaos.Faults;

/// <summary>Row 15: Postgres killed, restarted, hung, its backends ended, its tables locked, its connections used up, a COMMIT's reply lost.</summary>
internal static class PostgresFaults
{
    private const string Victim = "postgres";
    private const int CutBytesMost = 20_000;

    public static IEnumerable<Fault> Of(PostgresServer postgres, FaultProxy proxy, Random random)
    {
        yield return new Fault("postgres-kill", Victim, _ => postgres.Process.KillAsync(), postgres.RestartAsync);
        yield return new Fault("postgres-restart", Victim, _ => postgres.Process.StopAsync(FastShutdown), postgres.RestartAsync);
        yield return new Fault("postgres-hang", Victim, _ => postgres.Process.PauseAsync(), _ => postgres.Process.ResumeAsync());
        yield return new Fault("postgres-terminate", Victim, cancel => TerminateAsync(postgres, cancel), _ => Task.CompletedTask);
        yield return Fault.Now(
            "postgres-commit", Victim, () => proxy.Withhold = bytes => IsCommitted(bytes) && Random.Shared.Next(4) == 0, () => proxy.Withhold = null);
        yield return Fault.Now("postgres-reply", Victim, () => CutReplies(proxy, random), () => proxy.CutAfter());
        yield return Holding("postgres-lock", postgres, 1, "begin; lock table events in access exclusive mode");
        yield return Holding("postgres-full", postgres, ConnectionsMost, null);
    }

    // More than the server has left: those that fail are the point.
    private const int ConnectionsMost = 250;

    // Ends what is going on and writes down that it did.
    private const string FastShutdown = "INT";

    /// <summary>True where the answer to a COMMIT is in it (PostgreSQL's protocol: CommandComplete with this tag).</summary>
    public static bool IsCommitted(ReadOnlyMemory<byte> bytes) => bytes.Span.IndexOf("COMMIT\0"u8) >= 0;

    private static async Task TerminateAsync(PostgresServer postgres, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'", connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void CutReplies(FaultProxy proxy, Random random)
    {
        proxy.CutAfter(down: random.Next(1, CutBytesMost));
        proxy.CutAll();
    }

    // Connections that are opened, run something, and are kept until it is healed.
    private static Fault Holding(string name, PostgresServer postgres, int count, string? sql)
    {
        var held = new List<NpgsqlConnection>();
        return new Fault(
            name, Victim,
            async cancel =>
            {
                for (var n = 0; n < count; n++)
                {
                    var connection = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false;Timeout=2;Command Timeout=2");
                    held.Add(connection);
                    try
                    {
                        await connection.OpenAsync(cancel);
                        if (sql is null)
                            continue;
                        await using var command = new NpgsqlCommand(sql, connection);
                        await command.ExecuteNonQueryAsync(cancel);
                    }
                    catch (Exception failure) when (failure is NpgsqlException or TimeoutException or OperationCanceledException)
                    {
                        // No connection is left, or the lock cannot be had just now: that is as much of this fault as there is.
                        return;
                    }
                }
            },
            async _ =>
            {
                foreach (var connection in held)
                    await connection.DisposeAsync();
                held.Clear();
            });
    }
}
