using CsCheck;
using Holi.Wire.Lanes;

namespace Holi.Wire.Tests.Lanes;

public sealed class CreditWindowTests
{
    [Fact]
    public void Beyond_the_credit_is_4412_and_changes_nothing()
    {
        var window = new CreditWindow(20_000);
        window.OnReceived(16_388).ShouldBe(Violation.None);
        window.OnReceived(3_613).ShouldBe(new Violation(HoliCode.CreditExceeded, "5.3"));
        window.OnReceived(3_612).ShouldBe(Violation.None);
        window.OnReceived(1).Code.ShouldBe(HoliCode.CreditExceeded);
    }

    [Fact]
    public void Who_grants_nothing_gets_nothing()
    {
        var window = new CreditWindow(0);
        window.OnReceived(1).Code.ShouldBe(HoliCode.CreditExceeded);
        window.OnReleased(0).ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(LaneSets.PieceBytesMax - 1)]
    [InlineData((1L << 31) + 1)]
    [InlineData(-1)]
    public void A_window_that_could_stand_still_or_is_beyond_the_cap_is_refused(long bytes) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new CreditWindow(bytes));

    [Fact]
    public void Credit_comes_back_in_few_steps_and_never_too_late_for_the_next_piece()
    {
        var windows = Gen.Frequency(
            (2, Gen.OneOf<long>(LaneSets.PieceBytesMax, LaneSets.PieceBytesMax + 1, 2 * LaneSets.PieceBytesMax, 1L << 31)),
            (3, Gen.Long[LaneSets.PieceBytesMax, 300_000]));
        Gen.Select(windows, Gen.Int[2, LaneSets.PieceBytesMax].Array[1, 200], Gen.Int[1, 8]).Sample((bytes, pieces, held) =>
        {
            var window = new CreditWindow(bytes);
            var (sender, unreleased) = (bytes, new Queue<int>());
            foreach (var piece in pieces)
            {
                // The receiver stores late, but before the sender is stuck it has stored all.
                while (unreleased.Count > 0 && (unreleased.Count >= held || piece > sender))
                    sender += window.OnReleased(unreleased.Dequeue());
                sender.ShouldBe(window.AvailableBytes);
                piece.ShouldBeLessThanOrEqualTo((int)Math.Min(sender, int.MaxValue), "the sender waits for ever");
                window.OnReceived(piece).ShouldBe(Violation.None);
                sender -= piece;
                unreleased.Enqueue(piece);
            }
        }, iter: 500);
    }
}
