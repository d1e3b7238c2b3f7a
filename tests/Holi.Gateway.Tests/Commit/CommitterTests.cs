using System.Collections.Concurrent;
using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Tests.Storage;
using Holi.Wire;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Holi.Gateway.Tests.Commit;

/// <summary>The loop: it gathers while a batch is on its way, answers only what is on disk, waits out a failing store, and drains at the end.</summary>
public sealed class CommitterTests : IAsyncDisposable
{
    private readonly FaultyLogStore _store = new(new MemoryLogStore());
    private readonly FakeTimeProvider _time = new();
    private readonly Ear _ear = new();
    private readonly Committer _committer;

    public CommitterTests() =>
        _committer = new Committer(_store, _ear, new CommitLimits(), _time, NullLogger<Committer>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _committer.DisposeAsync();

    [Fact]
    public async Task An_opening_is_answered_after_the_listener_heard_of_it()
    {
        _committer.Start();
        var phone = new Phone(_ear);
        _committer.Submit(phone.Hello()).ShouldBeTrue();
        (await phone.Opened.Task.WaitAsync(Cancel)).Code.ShouldBe(HoliCode.None);
        _ear.Order.ShouldBe(["outcome", "opened"]);
        _committer.Health.IsHealthy.ShouldBeTrue();
        _committer.Counts.Batches.ShouldBe(1);
    }

    [Fact]
    public async Task What_gathers_while_a_batch_is_on_its_way_is_one_batch()
    {
        var (first, hold) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.BeforeCommit = () =>
        {
            first.TrySetResult();
            return hold.Task;
        };
        _committer.Start();
        _committer.Submit(new Phone(_ear).Hello());
        await first.Task.WaitAsync(Cancel);
        var phones = Enumerable.Range(0, 100).Select(i => new Phone(_ear, $"user{i}")).ToArray();
        foreach (var phone in phones)
            _committer.Submit(phone.Hello()).ShouldBeTrue();
        hold.SetResult();
        await Task.WhenAll(phones.Select(p => p.Opened.Task)).WaitAsync(Cancel);
        _committer.Counts.ShouldBe(new CommitCounts(2, 101, 0, 0, 0));
    }

    [Fact]
    public async Task While_the_store_fails_nothing_is_answered_and_health_says_since_when()
    {
        _store.Faults.Enqueue(CommitFault.Lost);
        _store.Faults.Enqueue(CommitFault.AnswerLost);
        var began = _time.GetUtcNow();
        _committer.Start();
        var phone = new Phone(_ear);
        _committer.Submit(phone.Hello());
        await Until(() => _committer.Health.FailingSince is not null);
        _committer.Health.ShouldBe(new CommitHealth(began, "lost", false));
        phone.Opened.Task.IsCompleted.ShouldBeFalse();

        await Until(() => phone.Opened.Task.IsCompleted, TimeSpan.FromMilliseconds(50));
        _committer.Health.ShouldBe(new CommitHealth(null, null, false));
        _committer.Counts.Failures.ShouldBe(2);
        (await phone.Opened.Task).Fence.ShouldBe(1UL, "it was opened once");
    }

    [Fact]
    public async Task An_input_that_meets_a_bug_of_ours_is_turned_away_alone()
    {
        _committer.Start();
        var (bad, good) = (new Phone(_ear, "bad"), new Phone(_ear, "good"));
        var (first, hold) = (new TaskCompletionSource(), new TaskCompletionSource());
        _store.BeforeCommit = () =>
        {
            first.TrySetResult();
            return hold.Task;
        };
        _committer.Submit(new Phone(_ear).Hello());
        await first.Task.WaitAsync(Cancel);
        // One batch of two meets it, then each alone: the first again, the second not.
        foreach (var fault in new[] { CommitFault.None, CommitFault.Bug, CommitFault.Bug })
            _store.Faults.Enqueue(fault);
        _committer.Submit(bad.Hello());
        _committer.Submit(good.Hello());
        hold.SetResult();
        (await good.Opened.Task.WaitAsync(Cancel)).Code.ShouldBe(HoliCode.None);
        bad.Closed.ShouldBe(HoliCode.Overloaded);
        _committer.Health.IsHealthy.ShouldBeTrue();
    }

    [Fact]
    public async Task Stopping_commits_what_waits_and_takes_no_more()
    {
        var phones = Enumerable.Range(0, 10).Select(i => new Phone(_ear, $"user{i}")).ToArray();
        foreach (var phone in phones)
            _committer.Submit(phone.Hello());
        _committer.Start();
        await _committer.StopAsync(Cancel);
        phones.ShouldAllBe(p => p.Opened.Task.IsCompleted);
        _committer.Submit(new Phone(_ear).Hello()).ShouldBeFalse();
        _committer.Health.Ended.ShouldBeTrue();
    }

    [Fact]
    public async Task Stopping_gives_up_on_a_store_that_fails_when_told_to()
    {
        for (var i = 0; i < 100; i++)
            _store.Faults.Enqueue(CommitFault.Lost);
        var phone = new Phone(_ear);
        _committer.Submit(phone.Hello());
        _committer.Start();
        await Until(() => _committer.Health.FailingSince is not null);
        using var patience = new CancellationTokenSource();
        var stopped = _committer.StopAsync(patience.Token);
        stopped.IsCompleted.ShouldBeFalse();
        await patience.CancelAsync();
        await stopped.WaitAsync(Cancel);
        phone.Opened.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Positions_that_wait_are_committed_when_due_though_nothing_else_comes()
    {
        _committer.Start();
        var phone = new Phone(_ear);
        _committer.Submit(phone.Hello());
        var opened = await phone.Opened.Task.WaitAsync(Cancel);
        _committer.Submit(phone.Create(opened));
        await phone.Committed.Task.WaitAsync(Cancel);
        _committer.Submit(new SubmitDelivered(new TopicKey(Scene.Tenant, "conversation/room"), "ben", 1));
        await Until(() => _ear.Positions.Contains(("ben", 1UL)));
        _committer.Submit(new SubmitDelivered(new TopicKey(Scene.Tenant, "conversation/room"), "ben", 2));
        await Until(() => _ear.Positions.Contains(("ben", 2UL)), TimeSpan.FromMilliseconds(50));
    }

    private async Task Until(Func<bool> reached, TimeSpan? advance = null)
    {
        while (!reached())
        {
            if (advance is { } step)
                _time.Advance(step);
            await Task.Delay(1, Cancel);
        }
    }

    private sealed class Ear : ICommitListener
    {
        public ConcurrentQueue<string> Order { get; } = new();
        public ConcurrentQueue<(string User, ulong Delivered)> Positions { get; } = new();

        public void Committed(BatchOutcome outcome)
        {
            Order.Enqueue("outcome");
            foreach (var position in outcome.Positions)
                Positions.Enqueue((position.User, position.Delivered));
        }
    }

    private sealed class Phone(Ear ear, string user = "ana") : ICommitSource
    {
        private readonly DeviceKey _key = new(Scene.Tenant, user, "phone");

        public TaskCompletionSource<DeviceOpened> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public TaskCompletionSource Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public HoliCode Closed { get; private set; }

        public OpenDevice Hello() => new(this, _key, 0, 0, 0, default, 0);

        public SubmitCommand Create(DeviceOpened opened) => new(
            this, _key, opened.Generation, opened.Fence, 1, 0, 0, default, "conversation/room", MessageTypes.ConversationCreate,
            new ConversationCreate(null, [new NewMember("ben", MemberRole.Member)]).ToBytes());

        void ICommitSource.Opened(in DeviceOpened opened)
        {
            ear.Order.Enqueue("opened");
            Opened.SetResult(opened);
        }

        void ICommitSource.Committed(ulong committed, IReadOnlyList<Refusal> refusals) => Committed.SetResult();

        void ICommitSource.Refused(HoliCode code) => Closed = code;
    }
}
