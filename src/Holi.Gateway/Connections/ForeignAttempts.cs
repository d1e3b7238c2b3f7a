using Holi.Wire;

namespace Holi.Gateway.Connections;

/// <summary>
/// Counts attempts at topics that are not the user's (absent and not theirs look the same). A request (Follow, Watch, History) counts each time.
/// Commands count once for each topic: a device whose person was removed from one conversation must still flush whatever was written for it
/// offline, each command refused in its turn; nobody honest is removed from twenty.
/// </summary>
internal sealed class ForeignAttempts(ConnectionCore core)
{
    // In the audit trail beside the words of AuditActions.
    private const string ClosedAction = "connection.closed";

    private HashSet<string>? _topics;
    private int _count;

    public void OnRequest() => Count();

    public void OnCommandRefused(string topicName)
    {
        if ((_topics ??= []).Add(topicName))
            Count();
    }

    private void Count()
    {
        if (++_count < core.Limits.ForeignAttempts)
            return;
        core.Audit(ClosedAction, HoliCode.TooManyViolations);
        core.Fail(HoliCode.TooManyViolations);
    }
}
