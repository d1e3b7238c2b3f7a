namespace Holi.Wire.Payloads;

/// <summary>What a member may do in a topic (holi.v1.md §8.8). Each role may all that the ones below it may.</summary>
public enum MemberRole : byte
{
    /// <summary>Reads.</summary>
    Observer = 0,
    /// <summary>Posts, reacts and replies.</summary>
    Member = 1,
    /// <summary>Adds, removes and renames; deletes what others wrote.</summary>
    Admin = 2,
    /// <summary>The highest.</summary>
    Owner = 3,
}
