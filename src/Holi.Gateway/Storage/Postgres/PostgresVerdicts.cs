using System.Globalization;
using Holi.Gateway.Ops.Doctor;

namespace Holi.Gateway.Storage.Postgres;

/// <summary>What a doctor says to <see cref="PostgresFacts"/>. Pure.</summary>
internal sealed class PostgresVerdicts(PostgresFacts facts, PostgresOptions options, bool isLocal, TimeSpan clockMax)
{
    public const string Subject = "postgres";

    private const int VersionMin = 140_000;
    // The writer's, the upgrade's and one that listens.
    private const int OtherConnections = 3;

    public IEnumerable<Finding> All() => [OfVersion(), .. OfDurability(), .. OfSchema(), OfConnections(), .. OfRest()];

    private Finding OfVersion() => facts.Version >= VersionMin
        ? Finding.Fine(Subject, $"version {facts.Version / 10_000}.{facts.Version % 10_000}")
        : Finding.Problem(
            Subject, $"version {facts.Version / 10_000} is too old", "the gateway uses what came with 14", "upgrade the server to 14 or later");

    private IEnumerable<Finding> OfDurability()
    {
        if (facts.IsStandby)
        {
            yield return Finding.Problem(Subject, "is a standby", "it takes no writes", "name the primary; or several hosts, and the gateway finds it");
        }
        foreach (var name in new[] { "fsync", "full_page_writes" })
        {
            if (facts.Setting(name) == "off")
            {
                yield return Finding.Problem(
                    Subject, $"{name} is off", "a crash of its machine loses or damages what was acknowledged", $"set {name} = on in postgresql.conf and reload");
            }
        }
        if (facts.Setting("synchronous_commit") == "off")
        {
            yield return Finding.Warning(
                Subject, "synchronous_commit is off",
                "the gateway sets it on for itself, but what backends insert into the outbox may be lost after their COMMIT was answered",
                "set synchronous_commit = on, or leave it out, for the backends' roles");
        }
    }

    private IEnumerable<Finding> OfSchema()
    {
        var applied = facts.Applied ?? [];
        var missing = PostgresMigrations.Known.Except(applied).ToList();
        if (PostgresMigrations.TooNew(applied) is { } later)
        {
            yield return Finding.Problem(
                Subject, $"its schema was made by a later version ({later})", "this version does not start on it", "run the version that made it, or a later one");
        }
        else if (missing.Count == 0)
        {
            yield return Finding.Fine(Subject, $"its schema is up to date ({applied.Count} files)");
        }
        else if (facts.Applied is null)
        {
            yield return Finding.Fine(Subject, "has no schema yet; the gateway makes it when it starts");
        }
        else
        {
            yield return Finding.Warning(
                Subject, $"its schema is old: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing",
                "the next gateway of this version that starts upgrades it, and starts the later for it", "run the command migrate before the roll-out");
        }
        if (missing.Count > 0 && !facts.MayCreate)
        {
            yield return Finding.Problem(
                Subject, "the role may not create tables", "the schema cannot be made or upgraded", "grant create on schema public to the role, or run migrate as one that may");
        }
        if (missing.Count > 0 && facts.Foreign.Count > 0)
        {
            yield return Finding.Problem(
                Subject, $"the role does not own {string.Join(", ", facts.Foreign)}", "it cannot upgrade them", "grant it the owner's role, or run migrate as the owner");
        }
        if (facts.Denied.Count > 0)
        {
            yield return Finding.Problem(
                Subject, $"the role may not read and write {string.Join(", ", facts.Denied)}", "nothing can be committed",
                "grant select, insert, update, delete on all tables in the schema to the role");
        }
    }

    private Finding OfConnections()
    {
        var reserved = facts.Number("superuser_reserved_connections") + facts.Number("reserved_connections");
        var most = Math.Min(facts.Number("max_connections") - reserved, facts.OwnLimit ?? int.MaxValue);
        var needed = options.ReadersMax + OtherConnections;
        var free = most - facts.Connections;
        var what = $"{most} connections for ordinary roles, {Math.Max(0, free)} free; a gateway takes {needed} at most";
        return free >= needed
            ? Finding.Fine(Subject, what)
            : Finding.Problem(
                Subject, what, "when they are taken, reads and commits wait and fail",
                "raise max_connections (or the limit of the role or database), or lower Postgres:ReadersMax");
    }

    private IEnumerable<Finding> OfRest()
    {
        if (facts.Setting("server_encoding") != "UTF8")
        {
            yield return Finding.Problem(
                Subject, $"the database's encoding is {facts.Setting("server_encoding")}", "not every name and title fits into it", "make the database anew with encoding UTF8");
        }
        if (facts.Setting("default_transaction_read_only") == "on")
        {
            yield return Finding.Problem(
                Subject, "default_transaction_read_only is on for this role or database", "nothing can be committed", "alter role or database … reset default_transaction_read_only");
        }
        if (facts.Setting("autovacuum") == "off")
        {
            yield return Finding.Warning(
                Subject, "autovacuum is off", "rows that every batch updates pile up, and everything becomes slower", "set autovacuum = on");
        }
        if (LogsContent())
        {
            yield return Finding.Warning(
                Subject, "its log may hold what messages say", "statements are logged with their parameters: health data in a log file",
                "set log_parameter_max_length = 0 and log_parameter_max_length_on_error = 0");
        }
        if (!isLocal && !facts.IsEncrypted)
        {
            yield return Finding.Warning(
                Subject, "the connection is not encrypted", "health data travels readable", "add SSL Mode=VerifyFull to the connection string, and ssl = on to the server");
        }
        if (facts.ClockAhead.Duration() > clockMax)
        {
            yield return Finding.Warning(
                Subject, string.Create(CultureInfo.InvariantCulture, $"its clock is {facts.ClockAhead.TotalSeconds:+0.0;-0.0} s from this machine's"),
                "tokens and scheduled publications go by the gateway's clock, backends by theirs", "let NTP keep both");
        }
    }

    private bool LogsContent()
    {
        var logsStatements = facts.Setting("log_statement") is "mod" or "all" || facts.Number("log_min_duration_statement") >= 0;
        return (logsStatements && facts.Number("log_parameter_max_length") != 0) || facts.Number("log_parameter_max_length_on_error") != 0;
    }
}
