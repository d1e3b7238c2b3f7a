using Holi.Gateway.Connections;
using Holi.Gateway.Ingress.Scheduled;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Tests.Ingress;

/// <summary>When the log is looked at for what is due, and when not (backends.md §5.1).</summary>
public sealed class ScheduleTests
{
    private const long Start = 1_700_000_000_000;

    private readonly GatewayLimits _limits = new() { ScheduledPerLook = 3 };
    private Instant _now = new(TimeSpan.FromHours(5), Start);
    private long? _logsClock;

    [Fact]
    public void It_looks_once_at_the_start_and_then_never_while_nothing_is_scheduled()
    {
        var schedule = new Schedule(_limits, isShared: false);
        schedule.Wait(_now).ShouldBe(TimeSpan.Zero);
        Look(schedule).ShouldBeEmpty();
        schedule.TryBeginLook(_now).ShouldBeFalse();
        schedule.Wait(_now).ShouldBeNull("idle is free");
        Pass(TimeSpan.FromDays(1));
        schedule.TryBeginLook(_now).ShouldBeFalse();
    }

    [Fact]
    public void What_is_due_when_it_starts_is_delivered_at_once()
    {
        var schedule = new Schedule(_limits, isShared: false);
        Look(schedule, -5_000, 0, 1).ShouldBe([Start - 5_000, Start]);
    }

    [Fact]
    public void It_sleeps_until_the_next_due_time_but_never_longer_than_the_clock_may_be_trusted()
    {
        var schedule = Idle();
        schedule.Note(Start + 1_200);
        schedule.Wait(_now).ShouldBe(TimeSpan.FromMilliseconds(500));
        Pass(TimeSpan.FromMilliseconds(1_000));
        schedule.TryBeginLook(_now).ShouldBeFalse();
        schedule.Wait(_now).ShouldBe(TimeSpan.FromMilliseconds(200));
        Pass(TimeSpan.FromMilliseconds(200));
        Look(schedule, 1_200).ShouldBe([Start + 1_200]);
    }

    [Fact]
    public void An_earlier_time_counts_and_a_later_one_does_not()
    {
        var schedule = Idle();
        schedule.Note(Start + 400);
        schedule.Note(Start + 90_000);
        schedule.Note(Start + 300);
        schedule.Wait(_now).ShouldBe(TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public void A_step_of_the_clock_is_seen_when_it_is_next_looked_at()
    {
        var schedule = Idle();
        schedule.Note(Start + 3_600_000);
        _now = new Instant(_now.Since + _limits.ScheduleClockInterval, Start + 3_600_000);
        Look(schedule, 3_600_000).Count.ShouldBe(1);
    }

    [Fact]
    public void Where_the_clock_is_set_back_nothing_is_due_until_it_has_come_there()
    {
        var schedule = Idle();
        schedule.Note(Start + 1_000);
        _now = new Instant(_now.Since + TimeSpan.FromSeconds(1), Start - 3_600_000);
        schedule.TryBeginLook(_now).ShouldBeFalse();
        _now = new Instant(_now.Since + TimeSpan.FromHours(1), Start + 1_000);
        Look(schedule, 1_000).Count.ShouldBe(1);
    }

    [Fact]
    public void Nothing_is_looked_for_while_something_is_being_delivered()
    {
        var schedule = new Schedule(_limits, isShared: true);
        Look(schedule, -2, -1).Count.ShouldBe(2);
        Pass(TimeSpan.FromMinutes(1));
        schedule.Note(Start);
        schedule.TryBeginLook(_now).ShouldBeFalse();
        schedule.Wait(_now).ShouldBeNull();
        schedule.Delivered(true, _now);
        schedule.TryBeginLook(_now).ShouldBeFalse();
        schedule.Delivered(true, _now);
        schedule.TryBeginLook(_now).ShouldBeTrue();
    }

    [Fact]
    public void Where_more_may_be_due_than_one_look_finds_it_looks_again_at_once()
    {
        var schedule = new Schedule(_limits, isShared: false);
        Look(schedule, -3, -2, -1).Count.ShouldBe(3);
        for (var i = 0; i < 3; i++)
            schedule.Delivered(true, _now);
        Look(schedule, 700).ShouldBeEmpty();
        schedule.Wait(_now).ShouldBe(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void B_no_more_are_delivered_at_a_time_than_have_room_in_a_batch()
    {
        var limits = new GatewayLimits();
        var schedule = new Schedule(limits, isShared: false);
        var large = (int)(limits.Commits.BatchBytesMax / 2);
        var rows = Enumerable.Range(0, 5).Select(i => new WaitingPublication(new PublicationKey("clinic", $"k{i}"), "user/ana", Start - 9 + i, large)).ToList();
        for (var taken = 0; taken < rows.Count;)
        {
            schedule.TryBeginLook(_now).ShouldBeTrue();
            var due = schedule.Found(new ScheduledPublications(rows[taken..], null), _now);
            due.Select(d => d.Key).ShouldBe(rows.Skip(taken).Take(2).Select(d => d.Key));
            taken += due.Count;
            foreach (var _ in due)
                schedule.Delivered(true, _now);
        }
        schedule.Wait(_now).ShouldBeNull();
    }

    [Fact]
    public void What_is_noted_while_it_looks_is_not_forgotten_when_that_finds_nothing()
    {
        var schedule = new Schedule(_limits, isShared: false);
        schedule.TryBeginLook(_now).ShouldBeTrue();
        schedule.Note(Start + 250);
        schedule.Found(new ScheduledPublications([], null), _now).ShouldBeEmpty();
        schedule.Wait(_now).ShouldBe(TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public void A_look_that_failed_is_repeated_soon_and_not_at_once()
    {
        var schedule = new Schedule(_limits, isShared: false);
        schedule.Note(Start - 1);
        schedule.TryBeginLook(_now).ShouldBeTrue();
        schedule.LookFailed(_now);
        schedule.TryBeginLook(_now).ShouldBeFalse();
        schedule.Wait(_now).ShouldBe(_limits.ScheduleRetry);
        Pass(_limits.ScheduleRetry);
        schedule.TryBeginLook(_now).ShouldBeTrue();
    }

    [Fact]
    public void What_was_left_behind_is_looked_for_again_soon_and_not_at_once()
    {
        var schedule = new Schedule(_limits, isShared: false);
        Look(schedule, -3, -2, -1);
        schedule.Delivered(true, _now);
        schedule.Delivered(false, _now);
        schedule.Delivered(true, _now);
        schedule.TryBeginLook(_now).ShouldBeFalse();
        schedule.Wait(_now).ShouldBe(_limits.ScheduleRetry);
        Pass(_limits.ScheduleRetry);
        Look(schedule, -2).Count.ShouldBe(1);
    }

    [Fact]
    public void A_log_that_others_write_is_looked_at_though_nothing_is_known_to_wait()
    {
        var schedule = new Schedule(_limits, isShared: true);
        Look(schedule).ShouldBeEmpty();
        schedule.Wait(_now).ShouldBe(_limits.ScheduleLookInterval);
        Pass(_limits.ScheduleLookInterval);
        Look(schedule, 0).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(-3_600_000)]
    [InlineData(3_600_000)]
    public void A_node_whose_clock_is_off_goes_by_the_clock_of_the_log(long off)
    {
        _now = new Instant(_now.Since, Start + off);
        _logsClock = Start;
        var schedule = new Schedule(_limits, isShared: true);
        Look(schedule, -1, 200, 900).ShouldBe([Start - 1]);
        schedule.Delivered(true, _now);
        schedule.Wait(_now).ShouldBe(TimeSpan.FromMilliseconds(200));
        Pass(TimeSpan.FromMilliseconds(200));
        _logsClock = Start + 200;
        Look(schedule, 200, 900).ShouldBe([Start + 200]);
    }

    private Schedule Idle()
    {
        var schedule = new Schedule(_limits, isShared: false);
        Look(schedule).ShouldBeEmpty();
        return schedule;
    }

    private void Pass(TimeSpan time) => _now = new Instant(_now.Since + time, _now.UnixMs + (long)time.TotalMilliseconds);

    // The times of those that are due, of what waits in the log: times relative to the start.
    private List<long> Look(Schedule schedule, params long[] waiting)
    {
        schedule.TryBeginLook(_now).ShouldBeTrue();
        var rows = waiting.Select(at => new WaitingPublication(new PublicationKey("clinic", $"k{at}"), "user/ana", Start + at, 10)).ToList();
        return [.. schedule.Found(new ScheduledPublications(rows, _logsClock), _now).Select(due => due.DueMs)];
    }
}
