using Holi.Wire;
using Holi.Wire.Connections;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Connections;

public sealed class OpeningTests
{
    private readonly World _world = new();

    [Fact]
    public void A_new_device_is_welcomed_with_a_generation_and_its_own_topic()
    {
        var ana = _world.Connect();
        ana.Frames.Select(f => f.Kind).Take(3).ShouldBe([FrameKind.Welcome, FrameKind.Commit, FrameKind.Topic]);
        ana.Welcome!.Generation.ShouldBe(1u);
        ana.Welcome.User.ShouldBe("ana");
        ana.Welcome.Topics.ShouldBe(1);
        ana.Topics["user/ana"].Role.ShouldBe(MemberRole.Owner);
        ana.One<CompleteFrame>().Topic.ShouldBe(ana.Topics["user/ana"].Number);
        ana.Connection.State.ShouldBe(GatewayState.Ready);
    }

    [Fact]
    public void A_message_reaches_the_other_person_and_is_committed_to_its_sender()
    {
        var (topic, devices) = _world.Conversation("ben");
        devices[0].Post(topic, "hello");
        _world.Settle();
        devices[1].TextsOf(topic).ShouldBe(["hello"]);
        devices[0].TextsOf(topic).ShouldBe(["hello"]);
        devices[0].One<CommitFrame>().Committed.ShouldBe(2ul);
    }
}
