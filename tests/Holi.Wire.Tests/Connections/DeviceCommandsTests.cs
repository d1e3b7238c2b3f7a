using Holi.Wire.Connections;

namespace Holi.Wire.Tests.Connections;

public sealed class DeviceCommandsTests
{
    private static DeviceCommands Welcomed(ulong known = 4, int countMax = 10, int bytesMax = 1_000)
    {
        var commands = new DeviceCommands(generation: 3, known, helloWireBytes: 100);
        commands.OnWelcome(3, known, known + 100, true, countMax, bytesMax).ShouldBe(WelcomeVerdict.Agree);
        return commands;
    }

    // §6.4 at the device, which says generation 3, known 4, lastAssigned 9.
    [Theory]
    [InlineData(3, 4, true, WelcomeVerdict.Agree)]
    [InlineData(3, 9, true, WelcomeVerdict.Agree)]
    [InlineData(3, 7, false, WelcomeVerdict.Forked)]
    [InlineData(3, 3, true, WelcomeVerdict.Forked)]
    [InlineData(3, 10, true, WelcomeVerdict.Forked)]
    [InlineData(2, 4, true, WelcomeVerdict.Broken)]
    [InlineData(0, 4, true, WelcomeVerdict.Broken)]
    public void Welcome_is_judged(uint generation, ulong committed, bool digestsAgree, WelcomeVerdict verdict) =>
        new DeviceCommands(3, 4, 100).OnWelcome(generation, committed, 9, digestsAgree, 10, 1_000).ShouldBe(verdict);

    [Theory]
    [InlineData(1, 0, WelcomeVerdict.NewGeneration)]
    [InlineData(7, 0, WelcomeVerdict.NewGeneration)]
    [InlineData(7, 1, WelcomeVerdict.Broken)]
    [InlineData(0, 0, WelcomeVerdict.Broken)]
    public void A_new_generation_begins_at_nothing(uint generation, ulong committed, WelcomeVerdict verdict)
    {
        var commands = new DeviceCommands(0, 4, 100);
        commands.CanSend(1).ShouldBeFalse("it waits for Welcome");
        commands.OnWelcome(generation, committed, 9, false, 10, 1_000).ShouldBe(verdict);
        if (verdict == WelcomeVerdict.NewGeneration)
            (commands.NextSeq, commands.Committed, commands.CanSend(1)).ShouldBe((1ul, 0ul, true));
    }

    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(10, 0)]
    [InlineData(-1, -1)]
    public void A_welcome_without_a_window_is_broken(int countMax, int bytesMax) =>
        new DeviceCommands(3, 4, 100).OnWelcome(3, 4, 9, true, countMax, bytesMax).ShouldBe(WelcomeVerdict.Broken);

    [Fact]
    public void Commands_behind_Hello_share_its_16_388_bytes()
    {
        var commands = new DeviceCommands(3, 4, helloWireBytes: 10_000);
        commands.CanSend(6_388 - 3).ShouldBeTrue();
        commands.CanSend(6_388 - 2).ShouldBeFalse();
        commands.OnSent(6_000);
        commands.CanSend(388 - 3 - 3 + 1).ShouldBeFalse();
        commands.CanSend(388 - 3 - 3).ShouldBeTrue();
        commands.NextSeq.ShouldBe(6ul);
    }

    [Theory]
    [InlineData(4, 7, 2)] // nothing of what went ahead was known there
    [InlineData(5, 7, 1)]
    [InlineData(6, 7, 0)]
    [InlineData(8, 9, 0)] // more was committed than went ahead: an earlier connection's
    public void Sending_goes_on_behind_what_is_committed_and_what_went_ahead(ulong committed, ulong next, int inFlight)
    {
        var commands = new DeviceCommands(3, 4, 100);
        commands.OnSent(10);
        commands.OnSent(10);
        commands.OnWelcome(3, committed, 9, true, countMax: 2, 1_000).ShouldBe(WelcomeVerdict.Agree);
        commands.NextSeq.ShouldBe(next);
        var room = 0;
        for (; commands.CanSend(10); room++)
            commands.OnSent(10);
        room.ShouldBe(2 - inFlight);
    }

    [Fact]
    public void The_window_closes_and_a_commit_opens_it()
    {
        var commands = Welcomed(known: 4, countMax: 2, bytesMax: 100);
        commands.CanSend(101).ShouldBeTrue("one may always be on its way, or it would wait for ever");
        commands.OnSent(60);
        commands.CanSend(41).ShouldBeFalse();
        commands.OnSent(40);
        commands.CanSend(0).ShouldBeFalse();
        commands.OnCommit(5).ShouldBe(Violation.None);
        commands.CanSend(60).ShouldBeTrue();
        commands.OnCommit(4).ShouldBe(Violation.None);
        commands.Committed.ShouldBe(5ul);
    }

    [Fact]
    public void A_commit_of_what_was_never_sent_is_the_gateways_mistake()
    {
        var commands = Welcomed(known: 4);
        commands.OnCommit(4).ShouldBe(Violation.None);
        commands.OnCommit(5).ShouldBe(new Violation(HoliCode.BadValue, "7.3"));
        commands.OnSent(10);
        commands.OnCommit(5).ShouldBe(Violation.None);
    }

    [Fact]
    public void After_a_gap_sending_begins_again_behind_the_commit_that_comes_with_it()
    {
        var commands = Welcomed(known: 4, countMax: 3);
        for (var i = 0; i < 3; i++)
            commands.OnSent(10);
        commands.OnGap();
        commands.NextSeq.ShouldBe(5ul);
        commands.OnCommit(6).ShouldBe(Violation.None);
        commands.NextSeq.ShouldBe(7ul);
        commands.CanSend(10).ShouldBeTrue();
    }
}
