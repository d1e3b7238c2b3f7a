using System.Collections.Concurrent;
using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Ops.Doctor;
using Holi.Gateway.Tests.Ingress.Redis;
using Holi.Servers;
using Microsoft.Extensions.Logging.Abstractions;
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
    public async Task The_rights_that_it_advises_are_enough_for_it_and_for_a_gateway()
    {
        await using var redis = await StartAsync("--appendonly", "yes");
        var configuration = await AdvisedUserAsync(redis);
        var findings = await LookAsync(configuration);
        findings.ShouldAllBe(finding => finding.Level == FindingLevel.Fine, Text(findings));

        var options = new RedisOptions { Configuration = configuration };
        var connection = new RedisConnection(options, "holi", TimeProvider.System, NullLogger.Instance);
        await using var line = new RedisLine(connection, options, new ClusterLimits(), TimeProvider.System);
        var names = new[] { LineName.All, LineName.Shard(63), LineName.Inbox(NodeId.New()) };
        var heard = new ConcurrentDictionary<byte, bool>();
        line.Start(message => heard[message.Span[0]] = true, _ => { }, () => { });
        foreach (var name in names)
            line.Subscribe(name);
        await RedisScene.UntilAsync(async () =>
        {
            for (byte i = 0; i < names.Length; i++)
                await line.PublishAsync(names[i], new[] { i });
            return heard.Count == names.Length;
        });

        await using var scene = await RedisScene.StartAsync(withNode: false, server: redis);
        await scene.AddNodeAsync(configuration: configuration);
        await scene.NotifyAsync("a");
        await scene.AddAsync("nonsense", "x");
        await scene.NotifyAsync("b");
        await scene.HasTitlesAsync("a", "b");
        await scene.IsEmptyAsync();
        (await scene.DeadAsync()).ShouldBe(["4606"]);
        await scene.RemoveAsync(scene.Node);
        (await (await scene.AskAsync()).KeyExistsAsync("holi:publish:turn")).ShouldBeFalse("it let go of its turn");
    }

    [Fact]
    public void Operators_read_the_same_advice_as_the_doctor_gives()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "OPERATIONS.md")))
            folder = folder.Parent.ShouldNotBeNull();
        File.ReadAllText(Path.Combine(folder.FullName, "OPERATIONS.md")).ShouldContain(RedisRights.Advice[RedisRights.Advice.IndexOf(">PASSWORD", StringComparison.Ordinal)..]);
    }

    [Theory]
    [InlineData("-get", "GET")]
    [InlineData("-set", "SET")]
    [InlineData("-pexpire", "PEXPIRE")]
    [InlineData("-xgroup", "XGROUP CREATE")]
    [InlineData("-xreadgroup", "XREADGROUP")]
    [InlineData("-xautoclaim", "XAUTOCLAIM")]
    [InlineData("-xpending", "XPENDING")]
    [InlineData("-xack", "XACK")]
    [InlineData("-xdel", "XDEL")]
    [InlineData("-xadd", "XADD (dead letters)")]
    [InlineData("-publish", "PUBLISH holi:n, PUBLISH holi:w:0, PUBLISH holi:i:doctor")]
    [InlineData("-subscribe", "SUBSCRIBE holi:n, SUBSCRIBE holi:w:0, SUBSCRIBE holi:i:doctor")]
    [InlineData("resetchannels &holi:n &holi:i:*", "PUBLISH holi:w:0, SUBSCRIBE holi:w:0")]
    [InlineData("resetkeys ~holi:publish ~holi:publish:turn", "XADD (dead letters)")]
    [InlineData("resetkeys ~holi:publish ~holi:publish:dead", "GET, SET, PEXPIRE")]
    public async Task Each_right_that_is_missing_is_named(string change, string named)
    {
        await using var redis = await StartAsync("--appendonly", "yes");
        var configuration = await AdvisedUserAsync(redis);
        await ExecuteAsync(redis, "ACL", ["SETUSER", "advised", .. change.Split(' ')]);
        var problem = (await LookAsync(configuration)).First(finding => finding.Level == FindingLevel.Problem);
        problem.What.ShouldBe($"the user may not {named}");
        problem.Do.ShouldBe(RedisRights.Advice);
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Configuration);
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
        var findings = await RedisDoctor.LookAsync(new RedisOptions { Configuration = configuration }, TimeSpan.FromSeconds(2), TimeProvider.System, Cancel).ToListAsync(Cancel);
        findings.ShouldNotContain(finding => finding.ToString().Contains(Password));
        // How fast a loaded machine answers is not what these tests are about.
        findings.RemoveAll(finding => finding is { Level: FindingLevel.Warning } && finding.What.StartsWith("answers in", StringComparison.Ordinal));
        return findings;
    }

    // A user with exactly what is advised; gives its configuration.
    private static async Task<string> AdvisedUserAsync(RedisServer redis)
    {
        string[] advised = [.. RedisRights.Advice.Replace("NAME", "advised", StringComparison.Ordinal).Replace("PASSWORD", Password, StringComparison.Ordinal).Split(' ')];
        await ExecuteAsync(redis, advised[0], advised[1..]);
        return $"{redis.Configuration},user=advised,password={Password}";
    }

    private static async Task ExecuteAsync(RedisServer redis, string command, params object[] arguments)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        await client.GetDatabase().ExecuteAsync(command, arguments);
    }

    private static Finding Single(List<Finding> findings, FindingLevel level, int count = 1)
    {
        findings.Count(finding => finding.Level == level).ShouldBe(count, Text(findings));
        return findings.First(finding => finding.Level == level);
    }

    private static string Text(List<Finding> findings) => string.Join('\n', findings);
}
