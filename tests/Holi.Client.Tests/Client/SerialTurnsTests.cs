using System.Collections.Concurrent;
using Holi.Client.Shell;

namespace Holi.Client.Tests.Client;

public sealed class SerialTurnsTests
{
    [Fact(Timeout = 20_000)]
    public async Task Turns_never_overlap_and_nothing_posted_is_left_lying()
    {
        var posted = new ConcurrentQueue<int>();
        var (handled, turning, overlaps) = (0, 0, 0);
        var turns = new SerialTurns(() =>
        {
            if (Interlocked.Exchange(ref turning, 1) == 1)
                Interlocked.Increment(ref overlaps);
            var worked = posted.TryDequeue(out _);
            handled += worked ? 1 : 0;
            Volatile.Write(ref turning, 0);
            return worked ? TurnEnd.Worked : TurnEnd.Idle;
        });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < 20_000; i++)
                {
                    posted.Enqueue(i);
                    turns.Wake();
                }
            },
            TestContext.Current.CancellationToken)));
        while (Volatile.Read(ref handled) < 160_000)
            await Task.Delay(1, TestContext.Current.CancellationToken);

        overlaps.ShouldBe(0);
        posted.ShouldBeEmpty();
    }

    [Fact(Timeout = 20_000)]
    public async Task A_loop_that_is_over_turns_no_more()
    {
        var count = 0;
        var turns = new SerialTurns(() => Interlocked.Increment(ref count) == 1 ? TurnEnd.Over : TurnEnd.Idle);
        turns.Begin(() => { });
        // A thread of the pool turns the loop itself: what it turned, it has turned when this is over.
        await Task.Run(
            () =>
            {
                for (var i = 0; i < 10; i++)
                    turns.Wake();
            },
            TestContext.Current.CancellationToken);
        count.ShouldBe(1);
    }
}
