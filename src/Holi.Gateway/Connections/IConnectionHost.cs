using Holi.Gateway.Commit;
using Holi.Wire;

namespace Holi.Gateway.Connections;

/// <summary>
/// What a <see cref="DeviceConnection"/> cannot do itself: wait. The socket's shell and the simulator each are one. A question is answered
/// later, or before the call returns, by the method of the connection that is named; never by two threads at a time. As an
/// <see cref="ICommitSource"/> the host passes the committer's answers on. After every call into the connection the host fills messages
/// until there are none.
/// </summary>
public interface IConnectionHost : ICommitSource
{
    /// <summary>True where a command that is submitted now would be committed soon; else the device is told to come back (§11.3).</summary>
    bool HasRoom { get; }

    /// <summary>Hands an input to the committer; false where it takes none.</summary>
    bool Submit(CommitInput input);

    /// <summary>Asks who a token names: <see cref="DeviceConnection.OnAuthenticated"/>. One at a time.</summary>
    void Authenticate(string token);

    /// <summary>Asks for all topics of a user: <see cref="DeviceConnection.OnMemberships"/>. One at a time.</summary>
    void ReadMemberships(string tenant, string user);

    /// <summary>Asks for one topic as the user sees it: <see cref="DeviceConnection.OnMembership"/>. One at a time.</summary>
    void ReadMembership(string tenant, string user, string topicName);

    /// <summary>Asks which commands were refused: <see cref="DeviceConnection.OnRefusals"/>. One at a time.</summary>
    void ReadRefusals(long deviceId, uint generation, ulong after, ulong through);

    /// <summary>Asks for a page of events: <see cref="DeviceConnection.OnEvents"/>. One at a time.</summary>
    void ReadEvents(long topicId, ulong after, int countMax, int bytesMax);

    /// <summary>Asks for a page backwards: <see cref="DeviceConnection.OnHistory"/>. One at a time.</summary>
    void ReadHistory(long topicId, ulong first, ulong before, int countMax, int bytesMax);

    /// <summary>Asks for a topic's members (<see cref="Storage.RosterRead.ReadAsync"/>): <see cref="DeviceConnection.OnRoster"/>. One at a time.</summary>
    void ReadRoster(long topicId);

    /// <summary>Asks for a committed command's check: <see cref="DeviceConnection.OnCheck"/>. One at a time.</summary>
    void FindCheck(long deviceId, uint generation, ulong seq);

    /// <summary>There may be something to send. Called by any thread, under any lock: must return at once and take none.</summary>
    void Wake();

    /// <summary>Close the socket with this code. What the connection still fills goes out first. Called once.</summary>
    void Close(HoliCode code);
}
