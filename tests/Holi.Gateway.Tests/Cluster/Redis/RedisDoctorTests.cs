using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Ops.Doctor;
using Holi.Servers;
using StackExchange.Redis;

namespace Holi.Gateway.Tests.Cluster.Redis;

/// <summary>The doctor before real servers. No password is in anything that it says, and it leaves nothing there.</summary>
public sealed class RedisDoctorTests
{
    private const string Password = "not-to-be-told";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_server_needs_nothing_and_nothing_is_left_there()
    {
        await using var redis = await StartAsync("--appendonly", "yes", "--maxmemory", "100mb", "--maxmemory-policy", "noeviction");
        var findings = await LookAsync(redis.Configuration);
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Fine, Text(findings));
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
        ((long)await client.GetDatabase().ExecuteAsync("DBSIZE")).ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_may_throw_entries_away_is_a_problem_and_one_that_forgets_them_a_warning()
    {
        await using var redis = await StartAsync("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        var findings = await LookAsync(redis.Configuration);
        Single(findings, FindingLevel.Problem).What.ShouldBe("maxmemory-policy is allkeys-lru");
        Single(findings, FindingLevel.Warning).What.ShouldBe("appendonly is no");
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_not_shown()
    {
        await using var redis = await StartAsync("--appendonly", "yes", "--requirepass", Password);
        (await LookAsync($"{redis.Configuration},password={Password}")).ShouldAllBe(finding => finding.Level == FindingLevel.Fine);
        foreach (var wrong in new[] { redis.Configuration, $"{redis.Configuration},password={Password}-wrong" })
            Single(await LookAsync(wrong), FindingLevel.Problem).What.ShouldContain("user or password refused");
    }

    [Fact]
    public async Task The_rights_that_it_advises_are_enough_and_each_that_is_missing_is_named()
    {
        await using var redis = await StartAsync("--appendonly", "yes");
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        await client.GetDatabase().ExecuteAsync(
            "ACL", "SETUSER", "enough", "on", ">" + Password, "~holi:*", "&holi:*", "+@connection", "+@pubsub", "+@stream", "+info", "+time");
        var findings = await LookAsync($"{redis.Configuration},user=enough,password={Password}");
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Fine, Text(findings));

        await client.GetDatabase().ExecuteAsync("ACL", "SETUSER", "less", "on", ">" + Password, "~holi:*", "&holi:*", "+@all", "-xautoclaim", "-publish");
        findings = await LookAsync($"{redis.Configuration},user=less,password={Password}");
        findings.Where(finding => finding.Level == FindingLevel.Problem).Select(finding => finding.What)
            .ShouldBe(["the user may not PUBLISH, XAUTOCLAIM", "a message did not come back over pub/sub"]);
        await client.GetDatabase().ExecuteAsync("ACL", "SETUSER", "elsewhere", "on", ">" + Password, "~other:*", "&holi:*", "+@all");
        findings = await LookAsync($"{redis.Configuration},user=elsewhere,password={Password}");
        Single(findings, FindingLevel.Problem).What.ShouldContain("XREADGROUP");
        ((long)await client.GetDatabase().ExecuteAsync("DBSIZE")).ShouldBe(0);
    }

    [Fact]
    public async Task An_existing_stream_and_its_group_are_left_as_they_are()
    {
        await using var redis = await StartAsync("--appendonly", "yes");
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        var database = client.GetDatabase();
        await database.StreamAddAsync("holi:publish", "field", "value");
        await database.StreamAddAsync("holi:publish:dead", "field", "value");
        await database.StreamCreateConsumerGroupAsync("holi:publish", "holi", "0");
        (await LookAsync(redis.Configuration)).ShouldAllBe(finding => finding.Level == FindingLevel.Fine);
        (await database.StreamGroupInfoAsync("holi:publish")).ShouldHaveSingleItem().ConsumerCount.ShouldBe(0);
        (await database.StreamLengthAsync("holi:publish"), await database.StreamLengthAsync("holi:publish:dead")).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_server_that_is_not_there_one_that_hangs_and_nonsense_are_problems()
    {
        Single(await LookAsync("127.0.0.1:9"), FindingLevel.Problem).What.ShouldBe("127.0.0.1:9: cannot be reached");
        Single(await LookAsync($"127.0.0.1:9,pasword={Password}"), FindingLevel.Problem).What.ShouldContain("cannot be read");
        await using var redis = await StartAsync();
        await redis.Process.PauseAsync();
        Single(await LookAsync(redis.Configuration), FindingLevel.Problem).What.ShouldContain("cannot be reached");
    }

    [Theory]
    [InlineData("redis_version", "6.0.16", FindingLevel.Problem)]
    [InlineData("role", "slave", FindingLevel.Problem)]
    public void What_no_server_here_is_can_be_told_too(string field, string value, FindingLevel level)
    {
        var info = new Dictionary<string, string> { ["redis_version"] = "7.2.0", ["role"] = "master", ["maxmemory"] = "0", ["aof_enabled"] = "1", [field] = value };
        var facts = new RedisFacts(info, [], TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        Single([.. Verdicts(facts)], level);
        Single([.. Verdicts(facts with { Answer = TimeSpan.FromMilliseconds(80), Info = null }, isLocal: false)], FindingLevel.Warning, 3);
    }

    private static IEnumerable<Finding> Verdicts(RedisFacts facts, bool isLocal = true) =>
        new RedisVerdicts(facts, isLocal, isEncrypted: false, TimeSpan.FromSeconds(2)).All();

    private static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed");
        return await RedisServer.StartAsync(Cancel, arguments);
    }

    private static async Task<List<Finding>> LookAsync(string configuration)
    {
        var findings = await RedisDoctor.LookAsync(configuration, TimeSpan.FromSeconds(2), TimeProvider.System, Cancel).ToListAsync(Cancel);
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
}
