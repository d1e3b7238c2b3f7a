using Holi.Gateway.Ops.Doctor;
using Holi.Gateway.Storage.Postgres;
using Npgsql;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>The doctor before real servers. No password is in anything that it says.</summary>
public sealed class PostgresDoctorTests(OwnPostgres own) : IClassFixture<OwnPostgres>
{
    private const string Password = "not-to-be-told";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_server_needs_nothing_and_nothing_is_left_there()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        (await database.OpenAsync()).ShouldNotBeNull();
        const string all = "select coalesce(string_agg(relname, ',' order by relname), '') from pg_class where relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)";
        var before = await database.AskAsync<string>(all);
        var findings = await LookAsync(database.Options);
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Fine, Text(findings));
        Text(findings).ShouldContain("its schema is up to date");
        (await database.AskAsync<string>(all)).ShouldBe(before);
    }

    [Fact]
    public async Task An_empty_database_is_fine_and_stays_empty()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var findings = await LookAsync(database.Options);
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Fine, Text(findings));
        Text(findings).ShouldContain("has no schema yet");
        (await database.AskAsync<bool>("select to_regclass('holi_schema') is null")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_old_schema_is_a_warning_with_what_is_missing()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using (var sources = new PostgresSources(database.Options))
            PostgresMigrations.Apply(sources.Upkeep, PostgresMigrations.Known.Take(1));
        var finding = Single(await LookAsync(database.Options), FindingLevel.Warning);
        finding.What.ShouldContain(PostgresMigrations.Known[^1]);
        finding.Do!.ShouldContain("migrate");
    }

    [Fact]
    public async Task A_role_that_may_neither_write_nor_upgrade_is_a_problem()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await (await database.OpenAsync()).DisposeAsync();
        var role = $"r{Guid.NewGuid():N}";
        await database.ExecuteAsync($"create role {role} login; grant select on all tables in schema public to {role}");
        try
        {
            var options = database.Options with { ConnectionString = With(database, settings => settings.Username = role) };
            Single(await LookAsync(options), FindingLevel.Problem, 2).What.ShouldContain("may not read and write");
            await database.ExecuteAsync($"grant select, insert, update, delete on all tables in schema public to {role}; delete from holi_schema where scriptname > '0001-log.sql'");
            var findings = await LookAsync(options);
            findings.Where(finding => finding.Level == FindingLevel.Problem).Select(finding => finding.What)
                .ShouldBe(["the role may not create tables", $"the role does not own {string.Join(", ", PostgresMigrations.Tables.Order())}"], Case.Sensitive, Text(findings));
        }
        finally
        {
            await database.ExecuteAsync($"drop owned by {role}; drop role {role}");
        }
    }

    [Fact]
    public async Task An_outbox_that_cannot_be_fetched_from_is_a_problem_and_one_that_tells_nothing_a_warning()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await (await database.OpenAsync()).DisposeAsync();
        var role = $"r{Guid.NewGuid():N}";
        await database.ExecuteAsync($"create role {role} login; grant select, insert, update, delete on all tables in schema public to {role}");
        try
        {
            var options = database.Options with { ConnectionString = With(database, settings => settings.Username = role) };
            var findings = await LookAsync(options);
            findings.ShouldAllBe(finding => finding.Level == FindingLevel.Fine, Text(findings));
            await database.ExecuteAsync($"revoke delete on holi_outbox from {role}; alter table holi_outbox disable trigger holi_outbox_is_told, enable row level security");
            findings = await LookAsync(options);
            Single(findings, FindingLevel.Problem, 2).Do.ShouldBe("grant select, delete on holi_outbox and select, insert, update on holi_outbox_dead to the role");
            Single(findings, FindingLevel.Warning).What.ShouldBe("the trigger holi_outbox_is_told is missing or disabled");
        }
        finally
        {
            await database.ExecuteAsync($"drop owned by {role}; drop role {role}");
        }
    }

    [Fact]
    public async Task Too_few_connections_are_a_problem()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        Single(await LookAsync(database.Options with { ReadersMax = 200 }), FindingLevel.Problem).What.ShouldContain("a gateway takes 203");
    }

    [Fact]
    public async Task A_database_that_is_not_there_and_a_server_that_is_not_there_are_told_apart()
    {
        await using var database = await own.CreateAsync();
        var absent = With(database, settings => settings.Database = "nowhere");
        Single(await LookAsync(database.Options with { ConnectionString = absent }), FindingLevel.Problem).What.ShouldContain("there is no such database");
        var unreachable = With(database, settings => settings.Port = 9);
        Single(await LookAsync(database.Options with { ConnectionString = unreachable }), FindingLevel.Problem).What.ShouldContain("cannot be reached");
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_not_shown()
    {
        await using var database = await own.CreateAsync();
        await database.ExecuteAsync($"create role keeper login password '{Password}'");
        var rules = Path.Combine(own.Server.DataFolder, "pg_hba.conf");
        await File.WriteAllTextAsync(rules, "host all keeper 127.0.0.1/32 scram-sha-256\n" + await File.ReadAllTextAsync(rules, Cancel), Cancel);
        await database.ExecuteAsync("select pg_reload_conf()");
        // Reloaded a moment after the answer.
        Finding? refused = null;
        while (refused is null)
            refused = (await LookAsync(Keeper(Password + "-wrong"))).FirstOrDefault(finding => finding.What.Contains("role or password refused"));
        refused.Do!.ShouldContain("Password");
        (await LookAsync(Keeper(Password))).ShouldContain(finding => finding.What.EndsWith("answers"));

        PostgresOptions Keeper(string password) => database.Options with
        {
            ConnectionString = With(database, settings => (settings.Username, settings.Password) = ("keeper", password)),
        };
    }

    [Fact]
    public async Task A_server_without_fsync_that_logs_everything_is_told_so()
    {
        Assert.SkipUnless(Servers.PostgresServer.IsInstalled, "PostgreSQL is not installed");
        await using var server = await Servers.PostgresServer.StartAsync(Cancel, "fsync=off", "log_statement=all", "synchronous_commit=off");
        await using var database = await PostgresDatabase.CreateAsync(server);
        var findings = await LookAsync(database.Options);
        Single(findings, FindingLevel.Problem).What.ShouldBe("fsync is off");
        findings.Where(finding => finding.Level == FindingLevel.Warning).Select(finding => finding.What)
            .ShouldBe(["synchronous_commit is off", "its log may hold what messages say"]);
    }

    [Fact]
    public async Task A_server_that_hangs_is_given_up_on()
    {
        await using var database = await own.CreateAsync();
        await own.Server.Process.PauseAsync();
        try
        {
            Single(await LookAsync(database.Options), FindingLevel.Problem).What.ShouldContain("did not answer in time");
        }
        finally
        {
            await own.Server.Process.ResumeAsync();
        }
    }

    private static async Task<List<Finding>> LookAsync(PostgresOptions options)
    {
        var findings = await PostgresDoctor.LookAsync(options, TimeSpan.FromSeconds(2), TimeProvider.System, Cancel).ToListAsync(Cancel);
        findings.ShouldNotContain(finding => finding.ToString().Contains(Password));
        // How fast a loaded machine answers is not what these tests are about.
        findings.RemoveAll(finding => finding is { Level: FindingLevel.Warning } && finding.What.StartsWith("answers in", StringComparison.Ordinal));
        return findings;
    }

    private static Finding Single(List<Finding> findings, FindingLevel level, int count = 1)
    {
        findings.Count(finding => finding.Level == level).ShouldBe(count, Text(findings));
        return findings.First(finding => finding.Level == level);
    }

    private static string Text(List<Finding> findings) => string.Join('\n', findings);

    private static string With(PostgresDatabase database, Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        change(settings);
        return settings.ConnectionString;
    }
}
