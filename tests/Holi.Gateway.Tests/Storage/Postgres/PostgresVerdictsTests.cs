using Holi.Gateway.Ops.Doctor;
using Holi.Gateway.Storage.Postgres;

namespace Holi.Gateway.Tests.Storage.Postgres;

/// <summary>What a doctor says to a Postgres that nobody here could set up: old, a standby, without fsync, chatty, far away.</summary>
public sealed class PostgresVerdictsTests
{
    private static readonly Dictionary<string, string> Good = new()
    {
        ["fsync"] = "on", ["full_page_writes"] = "on", ["synchronous_commit"] = "on", ["autovacuum"] = "on", ["server_encoding"] = "UTF8",
        ["max_connections"] = "100", ["superuser_reserved_connections"] = "3", ["default_transaction_read_only"] = "off", ["log_statement"] = "none",
        ["log_min_duration_statement"] = "-1", ["log_parameter_max_length"] = "-1", ["log_parameter_max_length_on_error"] = "0",
    };

    private static readonly PostgresFacts Well = new()
    {
        Version = 150_004, IsStandby = false, Settings = Good, Connections = 5, OwnLimit = null, MayCreate = true, Foreign = [], Denied = [],
        Applied = PostgresMigrations.Known, IsEncrypted = true, ClockAhead = TimeSpan.Zero,
    };

    [Fact]
    public void A_good_one_needs_nothing() => Look(Well).ShouldAllBe(finding => finding.Level == FindingLevel.Fine);

    [Theory]
    [InlineData("fsync", "off", FindingLevel.Problem)]
    [InlineData("full_page_writes", "off", FindingLevel.Problem)]
    [InlineData("synchronous_commit", "off", FindingLevel.Warning)]
    [InlineData("autovacuum", "off", FindingLevel.Warning)]
    [InlineData("server_encoding", "SQL_ASCII", FindingLevel.Problem)]
    [InlineData("default_transaction_read_only", "on", FindingLevel.Problem)]
    [InlineData("max_connections", "18", FindingLevel.Problem)]
    [InlineData("log_statement", "all", FindingLevel.Warning)]
    [InlineData("log_min_duration_statement", "1000", FindingLevel.Warning)]
    [InlineData("log_parameter_max_length_on_error", "-1", FindingLevel.Warning)]
    public void A_setting_that_hurts_is_told(string name, string value, FindingLevel level) =>
        Bad(Well with { Settings = new Dictionary<string, string>(Good) { [name] = value } }, level);

    [Fact]
    public void Statements_may_be_logged_without_their_parameters() =>
        Look(Well with { Settings = new Dictionary<string, string>(Good) { ["log_statement"] = "all", ["log_parameter_max_length"] = "0" } })
            .ShouldAllBe(finding => finding.Level == FindingLevel.Fine);

    [Fact]
    public void What_is_not_a_setting_is_told_too()
    {
        Bad(Well with { Version = 130_011 }, FindingLevel.Problem).What.ShouldBe("version 13 is too old");
        Bad(Well with { IsStandby = true }, FindingLevel.Problem);
        Bad(Well with { IsEncrypted = false }, FindingLevel.Warning, isLocal: false);
        Look(Well with { IsEncrypted = false }).ShouldAllBe(finding => finding.Level == FindingLevel.Fine);
        Bad(Well with { ClockAhead = TimeSpan.FromSeconds(-5) }, FindingLevel.Warning).What.ShouldContain("-5.0 s");
        Bad(Well with { OwnLimit = 10 }, FindingLevel.Problem);
        Bad(Well with { Denied = ["events"] }, FindingLevel.Problem).What.ShouldContain("events");
        Bad(Well with { Applied = [.. PostgresMigrations.Known, "9999-later.sql"] }, FindingLevel.Problem).What.ShouldContain("9999-later.sql");
        Look(Well with { Applied = [.. PostgresMigrations.Known, "9999-later.additive.sql"] }).ShouldAllBe(finding => finding.Level == FindingLevel.Fine);
    }

    [Fact]
    public void Rights_to_upgrade_matter_where_there_is_something_to_upgrade()
    {
        Look(Well with { MayCreate = false, Foreign = ["events"] }).ShouldAllBe(finding => finding.Level == FindingLevel.Fine);
        var none = Look(Well with { Applied = null, MayCreate = false });
        none.Count(finding => finding.Level == FindingLevel.Problem).ShouldBe(1);
        var old = Look(Well with { Applied = PostgresMigrations.Known.Take(1).ToList(), MayCreate = false, Foreign = ["events"] });
        old.Count(finding => finding.Level == FindingLevel.Problem).ShouldBe(2);
        old.Count(finding => finding.Level == FindingLevel.Warning).ShouldBe(1);
    }

    private static Finding Bad(PostgresFacts facts, FindingLevel level, bool isLocal = true)
    {
        var finding = Look(facts, isLocal).Where(finding => finding.Level != FindingLevel.Fine).ShouldHaveSingleItem();
        finding.Level.ShouldBe(level);
        finding.Why.ShouldNotBeNullOrEmpty();
        finding.Do.ShouldNotBeNullOrEmpty();
        return finding;
    }

    private static List<Finding> Look(PostgresFacts facts, bool isLocal = true) =>
        [.. new PostgresVerdicts(facts, new PostgresOptions { ConnectionString = "", DataFolder = "" }, isLocal, TimeSpan.FromSeconds(2)).All()];
}
