using System.Text;
using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Redis;
using Holi.Gateway.Tests.Storage;
using Holi.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holi.Gateway.Tests.Cluster.Redis;

/// <summary>The line on a Redis as production has it: with users, as a cluster; encrypted it is tried end to end.</summary>
public sealed class RedisKindsTests
{
    private const string User = "gateway", Password = "correct-horse";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_who_may_do_no_more_than_the_operators_text_says_is_enough()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed");
        using var folder = new TempFolder();
        var rules = folder.File("users.acl");
        await File.WriteAllTextAsync(rules, $"user default off\nuser {User} on >{Password} {RightsOfTheText()}\n", Cancel);
        await using var server = await RedisServer.StartAsync(Cancel, "--aclfile", rules);
        await HearsItselfAsync($"{server.Configuration},user={User},password={Password}", sharded: false);
    }

    [Fact]
    public async Task A_wrong_password_is_trouble_that_is_said()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed");
        await using var server = await RedisServer.StartAsync(Cancel, "--requirepass", Password);
        await using var line = Line($"{server.Configuration},password=wrong", out _);
        line.Start(_ => { }, _ => { }, () => { });
        await UntilAsync(() => line.Trouble is { } trouble && trouble != "it was not reached yet", () => line.Trouble);
        line.Trouble!.ShouldNotContain("wrong");
        (await line.PublishAsync(LineName.All, new byte[1])).ShouldBeFalse();
    }

    [Fact]
    public async Task A_Redis_cluster_is_found_out_by_itself_and_its_sharded_names_are_used()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed");
        await using var server = await RedisServer.StartAsync(Cancel, "--cluster-enabled", "yes");
        await ServerProcess.RunAsync("/usr/bin/redis-cli", ["-p", $"{server.Port}", "cluster", "addslotsrange", "0", "16383"], Cancel);
        await HearsItselfAsync(server.Configuration, sharded: true);
    }

    private static async Task HearsItselfAsync(string configuration, bool sharded)
    {
        await using var line = Line(configuration, out var connection);
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        line.Start(message => heard.TrySetResult(Encoding.UTF8.GetString(message.Span)), _ => { }, () => { });
        line.Subscribe(LineName.Shard(3));
        await UntilAsync(
            async () => heard.Task.IsCompleted || (await line.PublishAsync(LineName.Shard(3), "hello"u8.ToArray()) && heard.Task.IsCompleted),
            () => line.Trouble);
        (await heard.Task).ShouldBe("hello");
        connection.IsSharded.ShouldBe(sharded);
        line.Unsubscribe(LineName.Shard(3));
    }

    private static RedisLine Line(string configuration, out RedisConnection connection)
    {
        var options = new RedisOptions { Configuration = configuration };
        connection = new RedisConnection(options, "kind", TimeProvider.System, NullLogger.Instance);
        return new RedisLine(connection, options, new ClusterLimits(), TimeProvider.System);
    }

    // The rules that OPERATIONS.md gives to the gateways' user.
    private static string RightsOfTheText()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var text = Path.Combine(folder.FullName, "OPERATIONS.md");
            if (File.Exists(text))
                return File.ReadLines(text).Single(row => row.StartsWith("ACL SETUSER holi", StringComparison.Ordinal)).Split("PASSWORD")[1].Trim();
        }
        throw new InvalidOperationException("These tests run from a checkout.");
    }

    private static Task UntilAsync(Func<bool> isSo, Func<string?> otherwise) => UntilAsync(() => Task.FromResult(isSo()), otherwise);

    private static async Task UntilAsync(Func<Task<bool>> isSo, Func<string?> otherwise)
    {
        for (var patience = 0; !await isSo(); patience++)
        {
            patience.ShouldBeLessThan(1_500, otherwise());
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancel);
        }
    }
}
