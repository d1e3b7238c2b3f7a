using Holi.Gateway.Topics;

namespace Holi.Gateway.Tests.Topics;

public sealed class EventTailTests
{
    private readonly EventTail _tail = new();

    [Fact]
    public void It_holds_the_newest_and_drops_the_oldest_by_count()
    {
        for (var offset = 1ul; offset <= 10; offset++)
            _tail.Append(offset, Frame(offset), 4, 1_000);
        Held().ShouldBe([7ul, 8ul, 9ul, 10ul]);
        _tail.Bytes.ShouldBe(40);
    }

    [Fact]
    public void And_by_bytes()
    {
        for (var offset = 1ul; offset <= 10; offset++)
            _tail.Append(offset, Frame(offset), 100, 35);
        Held().ShouldBe([8ul, 9ul, 10ul]);
    }

    [Fact]
    public void A_frame_larger_than_all_bytes_is_held_alone()
    {
        _tail.Append(1, Frame(1), 100, 35);
        _tail.Append(2, new TailEvent(new byte[50]), 100, 35);
        Held().ShouldBe([2ul]);
    }

    [Fact]
    public void A_missing_offset_empties_it_first_so_it_never_has_a_hole()
    {
        _tail.Append(1, Frame(1), 100, 1_000);
        _tail.Append(2, Frame(2), 100, 1_000);
        _tail.Append(4, Frame(4), 100, 1_000);
        Held().ShouldBe([4ul]);
        _tail.Bytes.ShouldBe(10);
    }

    [Fact]
    public void A_replaced_frame_is_the_one_that_is_found()
    {
        _tail.Append(1, Frame(1), 100, 1_000);
        _tail.Replace(1, new byte[3]);
        _tail.Replace(9, new byte[3]);
        _tail.TryGet(1, out var found).ShouldBeTrue();
        found.Frame.Length.ShouldBe(3);
        _tail.Bytes.ShouldBe(3);
    }

    [Fact]
    public async Task A_reader_beside_the_writer_finds_the_offset_it_asked_for_or_nothing()
    {
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            for (var i = 0ul; !done.IsCancellationRequested; i++)
            {
                var offset = i % 5_000;
                if (_tail.TryGet(offset, out var found))
                    BitConverter.ToUInt64(found.Frame.Span).ShouldBe(offset);
            }
        }, TestContext.Current.CancellationToken);
        for (var offset = 1ul; offset < 5_000; offset++)
        {
            _tail.Append(offset, Frame(offset), 64, 100_000);
            if (offset % 1_000 == 0)
                _tail.Clear(offset + 1);
        }
        await done.CancelAsync();
        await reader;
    }

    private IEnumerable<ulong> Held() => Enumerable.Range(0, 20).Select(i => (ulong)i).Where(offset => _tail.TryGet(offset, out _));

    private static TailEvent Frame(ulong offset) => new((byte[])[.. BitConverter.GetBytes(offset), 0, 0]);
}
