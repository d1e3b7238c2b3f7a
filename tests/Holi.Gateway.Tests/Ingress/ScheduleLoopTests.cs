using Holi.Gateway.Commit;
using Holi.Gateway.Ingress;
using Holi.Gateway.Ops.Metrics;
using Holi.Gateway.Storage;
using Holi.Gateway.Storage.Sqlite;
using Holi.Gateway.Tests.Commit;
using Holi.Gateway.Tests.Storage;
using Holi.Wire.Payloads;
using Microsoft.Extensions.Time.Testing;

namespace Holi.Gateway.Tests.Ingress;

/// <summary>Scheduled publications with the real loops around the log: due in time, once, across restarts, failures and steps of the clock.</summary>
public sealed class ScheduleLoopTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    private IngressNode? _node;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_delivered_when_its_time_has_come_and_not_before()
    {
        await StartAsync();
        (await PublishAsync("k", TimeSpan.FromMinutes(10))).Result.ShouldBe(PublicationResult.Scheduled);
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        await Task.Yield();
        (await EventsAsync()).ShouldBe(0);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await UntilAsync(async () => await EventsAsync() == 1);
        (await PublishAsync("k", TimeSpan.Zero)).Result.ShouldBe(PublicationResult.Refused, "the key is taken by another time");
    }

    [Fact]
    public async Task It_survives_a_restart_and_what_came_due_meanwhile_comes_at_once()
    {
        await StartAsync();
        await PublishAsync("a", TimeSpan.FromMinutes(10));
        await PublishAsync("b", TimeSpan.FromMinutes(30));
        await StopAsync();
        _time.Advance(TimeSpan.FromMinutes(20));
        await StartAsync();
        await UntilAsync(async () => await EventsAsync() == 1);
        await StopAsync();
        await StartAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        await UntilAsync(async () => await EventsAsync() == 2);
    }

    [Fact]
    public async Task It_comes_due_with_a_clock_that_is_set_forward_and_comes_once_when_it_is_set_back()
    {
        await StartAsync();
        var began = _time.GetUtcNow();
        await PublishAsync("k", TimeSpan.FromHours(1));
        // The clock is another; no time has passed.
        _time.AdjustTime(began + TimeSpan.FromHours(1));
        await UntilAsync(async () => await EventsAsync() == 1, TimeSpan.FromMilliseconds(100));
        _time.AdjustTime(began);
        (await PublishAsync("later", TimeSpan.FromMinutes(30))).Result.ShouldBe(PublicationResult.Scheduled);
        _time.Advance(TimeSpan.FromMinutes(45));
        await UntilAsync(async () => await EventsAsync() == 2);
        _time.Advance(TimeSpan.FromHours(1));
        (await PublishAsync("last", TimeSpan.Zero)).Offset.ShouldBe(3UL);
    }

    [Fact]
    public async Task More_than_one_look_finds_are_all_delivered_in_order()
    {
        await StartAsync(new GatewayLimits { ScheduledPerLook = 7 });
        for (var i = 0; i < 30; i++)
            await PublishAsync($"k{i}", TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(async () => await EventsAsync() == 30);
        var events = await _node!.Store.ReadEventsAsync((await TopicAsync())!.TopicId, 0, 100, 1 << 20, Cancel);
        events.Select(e => TitleOf(e.Payload)).ShouldBe(Enumerable.Range(0, 30).Select(i => $"k{i}"));
    }

    [Fact]
    public async Task While_the_log_fails_it_waits_and_then_it_is_delivered_once()
    {
        await StartAsync();
        await PublishAsync("k", TimeSpan.FromMinutes(1));
        _node!.Store.Faults.Enqueue(CommitFault.Lost);
        _node.Store.Faults.Enqueue(CommitFault.AnswerLost);
        _time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(async () => await EventsAsync() == 1 && _node.Committer.Health.IsHealthy && _node.Store.Faults.Count == 0, TimeSpan.FromMilliseconds(50));
        (await PublishAsync("next", TimeSpan.Zero)).Offset.ShouldBe(2UL);
    }

    [Fact]
    public async Task Where_the_committer_is_full_it_comes_later()
    {
        // Backends may fill half of it: one.
        await StartAsync(new GatewayLimits { ScheduledPerLook = 1, Commits = new CommitLimits { QueueInputsMax = 2 } });
        await PublishAsync("k", TimeSpan.FromMinutes(1));
        var (first, hold) = (new TaskCompletionSource(), new TaskCompletionSource());
        _node!.Store.BeforeCommit = () =>
        {
            first.TrySetResult();
            return hold.Task;
        };
        var held = PublishAsync("held", TimeSpan.Zero);
        await first.Task.WaitAsync(Cancel);
        var waiting = PublishAsync("waiting", TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMinutes(1));
        hold.SetResult();
        await Task.WhenAll(held, waiting);
        await UntilAsync(async () => await EventsAsync() == 3, TimeSpan.FromMilliseconds(50));
    }

    private async Task StartAsync(GatewayLimits? limits = null)
    {
        _node = new IngressNode(new SqliteLogStore(new SqliteOptions { Path = _folder.File("holi.db") }, _time), limits ?? new GatewayLimits(), _time);
        await _node.StartAsync();
    }

    private async Task StopAsync()
    {
        await _node!.DisposeAsync();
        _node = null;
    }

    private Task<PublicationAnswer> PublishAsync(string key, TimeSpan ahead) =>
        _node!.NotifyAsync(key, ahead == TimeSpan.Zero ? null : (_time.GetUtcNow() + ahead).ToUnixTimeMilliseconds());

    private async Task<Membership?> TopicAsync() => await _node!.Store.ReadMembershipAsync(Scene.Tenant, "ana", "user/ana", Cancel);

    private async Task<int> EventsAsync() => (int)((await TopicAsync())?.Head ?? 0);

    private async Task UntilAsync(Func<Task<bool>> reached, TimeSpan? advance = null)
    {
        while (!await reached())
        {
            if (advance is { } step)
                _time.Advance(step);
            await Task.Delay(1, Cancel);
        }
    }

    private static string TitleOf(byte[] payload)
    {
        Notification.TryRead(new(payload), out var notification).ShouldBeTrue();
        return notification!.Title;
    }
}
