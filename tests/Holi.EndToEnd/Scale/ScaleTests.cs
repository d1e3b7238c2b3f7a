namespace Holi.EndToEnd.Scale;

/// <summary>The measures of scale, small: what must hold whatever the machine. Their times are for bench/ to state.</summary>
public sealed class ScaleTests
{
    [Fact]
    public async Task All_connections_cut_at_once_come_back_and_miss_nothing()
    {
        var storm = await LoadRun.Async("storm", "--count", "40", "--rounds", "1");
        (storm.Figure("missing"), storm.Figure("outOfOrder")).ShouldBe((0, 0));
        storm.Figure("attempts").ShouldBeGreaterThanOrEqualTo(3 * 40, "at first, and after each of two storms");
    }

    [Fact]
    public async Task A_steady_load_loses_and_repeats_nothing_and_says_what_it_holds()
    {
        var soak = await LoadRun.Async("soak", "--minutes", "0.05", "--rate", "100");
        (soak.Figure("lost"), soak.Figure("duplicated"), soak.Figure("outOfOrder")).ShouldBe((0, 0, 0));
        soak.Figure("messages").ShouldBe(300);
        soak.Figure("samples").ShouldBeGreaterThan(2);
        soak.Figure("handlesLast").ShouldBeGreaterThan(100, "a hundred connections are open");
    }

    [Fact]
    public async Task What_was_acknowledged_while_too_much_was_offered_is_in_the_log_once()
    {
        var overload = await LoadRun.Async("overload", "--devices", "40", "--seconds", "1");
        (overload.Figure("lost"), overload.Figure("duplicated")).ShouldBe((0, 0));
        overload.Figure("admittedPerSecond").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Alerts_and_chat_come_through_a_slow_link_that_bulk_and_audio_fill()
    {
        var lanes = await LoadRun.Async("lanes", "--kbits", "256", "--seconds", "4", "--megabytes", "2");
        (lanes.Figure("missing"), lanes.Figure("duplicated")).ShouldBe((0, 0));
        lanes.Figure("bulkKbits").ShouldBeGreaterThan(0);
        lanes.Figure("audioKbits").ShouldBeGreaterThan(0);
    }
}
