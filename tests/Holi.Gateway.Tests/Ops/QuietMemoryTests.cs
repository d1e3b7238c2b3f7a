using Holi.Gateway.Ops;

namespace Holi.Gateway.Tests.Ops;

public sealed class QuietMemoryTests
{
    private readonly QuietMemory _memory = new();

    [Fact]
    public void It_is_due_once_after_much_was_allocated_and_nothing_is_written_any_more()
    {
        const long much = 2 * QuietMemory.WorthBytes;
        _memory.IsDue(10, much, At(0)).ShouldBeFalse();
        _memory.IsDue(11, much, At(3)).ShouldBeFalse();
        _memory.IsDue(11, much, At(6.9)).ShouldBeFalse();
        _memory.IsDue(11, much, At(7)).ShouldBeTrue();
        _memory.IsDue(11, much + 1_000, At(60)).ShouldBeFalse();
        _memory.IsDue(11, much + QuietMemory.WorthBytes, At(61)).ShouldBeTrue();
    }

    [Fact]
    public void It_never_is_while_events_are_committed()
    {
        for (var second = 0; second < 100; second++)
            _memory.IsDue(second, second * QuietMemory.WorthBytes, At(second)).ShouldBeFalse();
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
