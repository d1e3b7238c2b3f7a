using Holi.Gateway.Presence;
using Holi.Gateway.Storage;

namespace Holi.Gateway.Connections;

/// <summary>A device watches a topic's people. Only then, and only after its Roster, is it told what changes.</summary>
internal sealed class Watch(Room room)
{
    public Room Room => room;

    /// <summary>True where only the Roster was asked for.</summary>
    public bool IsOnce { get; set; }

    /// <summary>A roster that is ahead of what was published: it waits for the topic's head.</summary>
    public RosterRead? Early { get; set; }

    /// <summary>The room's version that the device has seen. Null before its Roster was sent.</summary>
    public ulong? Seen { get; set; }
}
