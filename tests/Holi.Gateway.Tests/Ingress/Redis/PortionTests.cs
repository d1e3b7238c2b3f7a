using Holi.Gateway.Ingress.Redis;

namespace Holi.Gateway.Tests.Ingress.Redis;

/// <summary>How many entries are taken at a time (B): few where they are large or do not come, many where they are small.</summary>
public sealed class PortionTests
{
    private readonly Portion _portion = new(new RoadLimits { Entries = 128, PortionBytes = 1_000_000 });

    [Fact]
    public void B_it_grows_while_entries_are_small_and_no_further_than_its_limit()
    {
        for (var i = 0; i < 10; i++)
            _portion.Came(_portion.Entries, 300 * _portion.Entries);
        _portion.Entries.ShouldBe(128);
    }

    [Fact]
    public void B_it_goes_by_the_size_of_what_came()
    {
        _portion.Came(8, 8 * 500_000);
        _portion.Entries.ShouldBe(2);
        _portion.Came(2, 2 * 50_000_000);
        _portion.Entries.ShouldBe(1);
        _portion.Came(1, 100);
        _portion.Came(0, 0);
        _portion.Entries.ShouldBe(4);
    }

    [Fact]
    public void L_what_does_not_come_in_time_is_asked_for_in_smaller_portions_down_to_one()
    {
        for (var i = 0; i < 10; i++)
            _portion.Failed();
        _portion.Entries.ShouldBe(1);
    }

    [Theory]
    [InlineData("5-2", "5-10", -1)]
    [InlineData("10-0", "9-9", 1)]
    [InlineData("7-7", "7-7", 0)]
    [InlineData("18446744073709551615-18446744073709551615", "0-1", 1)]
    [InlineData("", "0-1", -1)]
    [InlineData("nonsense", "0-1", -1)]
    public void Ids_are_in_the_streams_order(string one, string other, int order) =>
        Math.Sign(EntryId.Parse(one).CompareTo(EntryId.Parse(other))).ShouldBe(order);
}
