using Holi.Gateway.Presence;
using Holi.Gateway.Storage;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Presence;

/// <summary>A room is told of changes while its roster is being read; the roster may be older.</summary>
public sealed class RoomTests
{
    private readonly Room _room = new("clinic", new People(new GatewayLimits(), TimeProvider.System));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_role_that_changed_while_the_roster_was_read_is_not_taken_back_by_it(bool wasHeardOfBefore)
    {
        if (wasHeardOfBefore)
            _room.Move(2, "ben", 3, 3);
        _room.ChangeRole(2, MemberRole.Admin);
        _room.Load([Member(1, "ana"), Member(2, "ben")]);
        _room.Roster().Select(m => (m.User, m.Role)).ShouldBe([("ana", MemberRole.Member), ("ben", MemberRole.Admin)]);
        // A second watcher's roster was asked for at the same time.
        _room.Load([Member(1, "ana"), Member(2, "ben")]);
        _room.Roster()[1].Role.ShouldBe(MemberRole.Admin);
    }

    private static StoredMember Member(uint number, string user) => new(1, number, user, MemberRole.Member, true, 1, 0, 0);
}
