using CsCheck;
using Holi.Wire.Connections;

namespace Holi.Wire.Tests.Connections;

public sealed class CommandWindowTests
{
    /// <summary>Many small Adds and a few Commits, so that the ring grows while its head is anywhere.</summary>
    [Fact]
    public void It_counts_as_a_queue_of_sizes_does() =>
        Gen.Select(Gen.Int[1, 500], Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[1, 12]))).Array[0, 400].Sample(steps =>
        {
            var (window, model) = (new CommandWindow(100, 10_000), new Queue<int>());
            foreach (var (size, committed) in steps)
            {
                if (committed == 0)
                {
                    window.Add(size);
                    model.Enqueue(size);
                }
                else
                {
                    window.Commit((ulong)committed);
                    for (var i = 0; i < committed && model.Count > 0; i++)
                        model.Dequeue();
                }
                (window.Count, window.Bytes).ShouldBe((model.Count, model.Sum()));
                window.Fits(size).ShouldBe(model.Count < 100 && model.Sum() + size <= 10_000);
            }
            window.Clear();
            (window.Count, window.Bytes).ShouldBe((0, 0));
        }, iter: 300);

    [Fact]
    public void A_commit_of_more_than_there_is_empties_it()
    {
        var window = new CommandWindow(10, 100);
        window.Add(5);
        window.Commit(ulong.MaxValue);
        (window.Count, window.Bytes).ShouldBe((0, 0));
    }
}
