using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Holi.Gateway.Ops.Doctor;
using Npgsql;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>Looks at a real Postgres: connects as the gateway would, reads its facts, and measures. It leaves nothing there.</summary>
internal static class PostgresDoctor
{
    private const string Subject = PostgresVerdicts.Subject;
    private const int Rounds = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Slower than this, a message across two gateways has no chance to be on time.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMilliseconds(5), CommitMax = TimeSpan.FromMilliseconds(20);

    public static async IAsyncEnumerable<Finding> LookAsync(
        PostgresOptions options, TimeSpan clockMax, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        var settings = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        var sources = new PostgresSources(options);
        await using (sources.ConfigureAwait(false))
        {
            var (facts, failure) = await TryAsync(time, "connecting", token => FactsAsync(sources, time, token), cancel).ConfigureAwait(false);
            if (facts is null)
            {
                yield return Unreachable(sources.Place, failure!);
                yield break;
            }
            yield return Finding.Fine(Subject, $"{sources.Place} answers");
            foreach (var finding in new PostgresVerdicts(facts, options, IsLocal(settings), clockMax).All())
                yield return finding;
            if (facts.IsStandby)
                yield break;
            var (outbox, _) = await TryAsync(time, "looking at the outbox", token => OutboxDoctor.LookAsync(sources, token), cancel).ConfigureAwait(false);
            foreach (var finding in outbox ?? [])
                yield return finding;
            var (times, slow) = await TryAsync(time, "measuring", token => MeasureAsync(sources, time, token), cancel).ConfigureAwait(false);
            yield return times is null ? CannotWrite(slow!) : OfTimes(times);
        }
    }

    private sealed record Times(TimeSpan Answer, TimeSpan Commit);

    // Without the settings that the gateway gives its own sessions: the server's and the role's are what is to be seen.
    private static async ValueTask<PostgresFacts> FactsAsync(PostgresSources sources, TimeProvider time, CancellationToken cancel)
    {
        var connection = await sources.Plain.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            return await PostgresFacts.ReadAsync(connection, time, cancel).ConfigureAwait(false);
    }

    // As the writer: with its session, so that a pooler which refuses or forgets that shows itself.
    private static async ValueTask<Times> MeasureAsync(PostgresSources sources, TimeProvider time, CancellationToken cancel)
    {
        var connection = await sources.Writer.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var answer = await MedianAsync(connection, "select 1", time, cancel).ConfigureAwait(false);
            // Goes into the log of changes and into no table, and its COMMIT waits for the disk as any other.
            var commit = await MedianAsync(connection, "select pg_logical_emit_message(true, 'holi.doctor', '')", time, cancel).ConfigureAwait(false);
            return new Times(answer, commit);
        }
    }

    private static async ValueTask<TimeSpan> MedianAsync(NpgsqlConnection connection, string sql, TimeProvider time, CancellationToken cancel)
    {
        var took = new List<TimeSpan>(Rounds);
        for (var i = 0; i < Rounds; i++)
        {
            var began = time.GetTimestamp();
            await using var trip = new RoundTrip(connection);
            await trip.Ask(_ => { }, sql).SendAsync(cancel).ConfigureAwait(false);
            took.Add(time.GetElapsedTime(began));
        }
        took.Sort();
        return took[Rounds / 2];
    }

    private static Finding OfTimes(Times times)
    {
        var what = string.Create(
            CultureInfo.InvariantCulture, $"answers in {times.Answer.TotalMilliseconds:0.##} ms, commits in {times.Commit.TotalMilliseconds:0.##} ms");
        return times.Answer <= AnswerMax && times.Commit <= CommitMax
            ? Finding.Fine(Subject, what)
            : Finding.Warning(
                Subject, what, "every batch waits for two answers and one commit, so every message is at least as late",
                "put gateway and server nearer together, and the server's log (pg_wal) on a faster disk");
    }

    private static Finding Unreachable(string place, Exception failure) => Finding.Problem(
        Subject, $"{place}: {failure.Message}", "the gateway does not start, or acknowledges nothing", Remedy(failure.InnerException));

    private static Finding CannotWrite(Exception failure) => Finding.Problem(
        Subject, failure.Message, "nothing can be committed",
        "connect to the server itself, not through a pooler that shares sessions; check that its synchronous standbys (synchronous_standby_names) are there");

    private static string Remedy(Exception? failure) => failure is not PostgresException answer
        ? "check Host and Port, that the server runs, and that this machine may reach it"
        : answer.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword => "check Username and Password of Postgres:ConnectionString",
            PostgresErrorCodes.InvalidAuthorizationSpecification => "check Username, and that pg_hba.conf lets it in from this machine",
            PostgresErrorCodes.InvalidCatalogName => "create the database, or check its name",
            PostgresErrorCodes.TooManyConnections => "raise max_connections, or end what holds them",
            PostgresErrorCodes.InsufficientPrivilege => "grant connect on the database to the role",
            PostgresErrorCodes.CannotConnectNow => "wait until the server has started, and look again",
            PostgresErrorCodes.ProtocolViolation => "connect to the server itself, not through a pooler that refuses options",
            _ => "look into the server's log",
        };

    // Failures of the store in our words, which hold nothing of what the server said.
    private static async ValueTask<(T? Found, Exception? Failure)> TryAsync<T>(
        TimeProvider time, string doing, Func<CancellationToken, ValueTask<T>> call, CancellationToken cancel)
        where T : class
    {
        try
        {
            return (await new PostgresCall(time).RunAsync(Patience, doing, call, cancel).ConfigureAwait(false), null);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or InvalidOperationException)
        {
            return (null, failure);
        }
    }

    private static bool IsLocal(NpgsqlConnectionStringBuilder settings) => (settings.Host ?? "").Split(',').All(
        host => host.StartsWith('/') || host == "localhost" || (IPAddress.TryParse(host.Split(':')[0], out var address) && IPAddress.IsLoopback(address)));
}
