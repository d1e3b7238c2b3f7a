using System.Collections.Concurrent;
using System.Text;
using Holi.Gateway.Cluster;
using Holi.Gateway.Cluster.Redis;
using Holi.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Holi.Gateway.Tests.Cluster.Redis;

/// <summary>The line against a real Redis, and against everything that may become of one.</summary>
public sealed class RedisLineTests : IAsyncLifetime
{
    private static readonly LineName Shard = LineName.Shard(7);

    private readonly List<Ear> _ears = [];
    private RedisServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed");
        _server = await RedisServer.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ear in _ears)
            await ear.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task What_is_sent_is_heard_by_all_who_want_it_in_order_and_by_nobody_else()
    {
        var (one, two, deaf) = (Listen(Shard), Listen(Shard), Listen(LineName.Shard(8)));
        await WorkAsync(one, two, deaf);
        await one.UntilPublishedAsync(Shard, "begin");
        for (var n = 0; n < 500; n++)
            (await one.Line.PublishAsync(Shard, Bytes($"{n}"))).ShouldBeTrue();
        foreach (var ear in new[] { one, two })
        {
            await ear.UntilAsync(() => ear.Heard.Contains("499"));
            ear.Heard.SkipWhile(message => message != "begin").Skip(1).ShouldBe(Enumerable.Range(0, 500).Select(n => $"{n}"));
        }
        deaf.Heard.ShouldNotContain("499");
    }

    [Fact]
    public async Task A_server_that_was_killed_and_is_back_is_heard_again_once_each_whatever_was_wanted_meanwhile()
    {
        var ear = Listen(Shard);
        await WorkAsync(ear);
        await _server.Process.KillAsync();
        await ear.UntilAsync(() => ear.Line.Trouble is not null && ear.Lost);
        (await ear.Line.PublishAsync(Shard, Bytes("into the void"))).ShouldBeFalse();
        // Asked for while nobody is there, which fails at once: nothing of that attempt may take part later.
        var late = LineName.Shard(9);
        ear.Line.Subscribe(late);
        var missed = ear.Missed.Count;
        await _server.RestartAsync(Cancel);
        await ear.UntilAsync(() => ear.Missed.Skip(missed).Contains(Shard) && ear.Missed.Skip(missed).Contains(late));
        foreach (var name in new[] { Shard, late })
        {
            await ear.UntilPublishedAsync(name, $"back on {name.Text}");
            await ear.UntilPublishedAsync(name, $"last on {name.Text}");
        }
        ear.Heard.Count(message => message.StartsWith("back", StringComparison.Ordinal)).ShouldBe(2);
        ear.Line.Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task A_server_that_hangs_is_noticed_and_keeps_nobody_waiting_and_goes_on_by_itself()
    {
        var ear = Listen(Shard);
        await WorkAsync(ear);
        await _server.Process.PauseAsync();
        var asked = 0;
        // It takes what fits into its sockets at first; from then on nothing, at once.
        while (await ear.Line.PublishAsync(Shard, new byte[1_000]))
            (++asked).ShouldBeLessThan(100_000);
        await ear.UntilAsync(() => ear.Line.Trouble is not null);
        ear.Line.Trouble.ShouldBe("it did not answer in time");
        (await ear.Line.PublishAsync(Shard, Bytes("not while it hangs"))).ShouldBeFalse();
        await _server.Process.ResumeAsync();
        await ear.UntilPublishedAsync(Shard, "awake");
    }

    [Fact]
    public async Task A_subscription_that_the_server_cut_comes_back_and_says_that_something_may_have_been_missed()
    {
        var ear = Listen(Shard);
        await WorkAsync(ear);
        var missed = ear.Missed.Count;
        await AdminAsync("client", "kill", "type", "pubsub");
        await ear.UntilAsync(() => ear.Missed.Count > missed);
        await ear.UntilPublishedAsync(Shard, "heard again");
    }

    [Fact]
    public async Task What_is_not_wanted_any_more_is_not_heard_and_can_be_wanted_again()
    {
        var ear = Listen(Shard);
        await WorkAsync(ear);
        ear.Line.Unsubscribe(Shard);
        await ear.UntilAsync(async () => await SubscribersAsync(Shard) == 0);
        ear.Line.Subscribe(Shard);
        await ear.UntilPublishedAsync(Shard, "wanted again");
        await ear.UntilPublishedAsync(Shard, "the end");
        ear.Heard.Count(message => message == "wanted again").ShouldBe(1);
    }

    [Fact]
    public async Task A_line_ends_soon_though_its_server_hangs_from_the_beginning()
    {
        await _server.Process.PauseAsync();
        var ear = Listen(Shard);
        await ear.UntilAsync(() => ear.Line.Trouble is not null);
        await ear.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await _server.Process.ResumeAsync();
    }

    [Fact]
    public async Task X_what_is_wrong_with_the_line_is_said_without_address_and_password()
    {
        var ear = Listen(Shard, $"127.0.0.1:{ServerProcess.FreePort()},password=open-sesame");
        await ear.UntilAsync(() => ear.Line.Trouble is { } trouble && trouble != "it was not reached yet");
        ear.Line.Trouble!.ShouldBe("it cannot be reached");
    }

    private Ear Listen(LineName name, string? configuration = null)
    {
        var ear = new Ear(configuration ?? _server.Configuration, name);
        ear.Line.Subscribe(name);
        _ears.Add(ear);
        return ear;
    }

    private static async Task WorkAsync(params Ear[] ears)
    {
        foreach (var ear in ears)
            await ear.UntilHeardAsync(ear.Name);
    }

    private async Task<long> SubscribersAsync(LineName name) => (long)((RedisResult[])(await AdminAsync("pubsub", "numsub", name.Text))!)[1];

    private async Task<RedisResult> AdminAsync(string command, params object[] arguments)
    {
        await using var admin = await ConnectionMultiplexer.ConnectAsync(_server.Configuration + ",allowAdmin=true");
        return await admin.GetDatabase().ExecuteAsync(command, arguments);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A line, and what came on it.</summary>
    private sealed class Ear : IAsyncDisposable
    {
        private bool _isOver;

        public Ear(string configuration, LineName name)
        {
            Name = name;
            var options = new RedisOptions { Configuration = configuration };
            Line = new RedisLine(
                new RedisConnection(options, "ear", TimeProvider.System, NullLogger.Instance), options, new ClusterLimits(), TimeProvider.System);
            Line.Start(message => Heard.Enqueue(Encoding.UTF8.GetString(message.Span)), Missed.Enqueue, () => Lost = true);
        }

        public LineName Name { get; }
        public RedisLine Line { get; }
        public bool Lost { get; private set; }
        public ConcurrentQueue<string> Heard { get; } = new();
        public ConcurrentQueue<LineName> Missed { get; } = new();

        /// <summary>Asks until the name is heard.</summary>
        public Task UntilHeardAsync(LineName name)
        {
            var probe = Guid.NewGuid().ToString();
            return UntilAsync(async () =>
            {
                await Line.PublishAsync(name, Bytes(probe));
                return Heard.Contains(probe);
            });
        }

        /// <summary>Waits until the name is heard, sends one message and waits until it has come back.</summary>
        public async Task UntilPublishedAsync(LineName name, string message)
        {
            await UntilHeardAsync(name);
            (await Line.PublishAsync(name, Bytes(message))).ShouldBeTrue();
            await UntilAsync(() => Heard.Contains(message));
        }

        public Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

        public async Task UntilAsync(Func<Task<bool>> isSo)
        {
            for (var patience = 0; !await isSo(); patience++)
            {
                patience.ShouldBeLessThan(3_000, $"{Line.Trouble}; heard {string.Join(' ', Heard.TakeLast(5))}");
                await Task.Delay(TimeSpan.FromMilliseconds(10), Cancel);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_isOver)
                return;
            _isOver = true;
            await Line.DisposeAsync();
        }
    }
}
