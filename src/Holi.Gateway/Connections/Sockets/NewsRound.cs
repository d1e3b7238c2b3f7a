using Holi.Gateway.Commit;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>
/// The pumps that one batch's news wakes. While the committer tells it, they are gathered instead of being woken one by one; then they run: a few at
/// once on the committer's own thread, since filling and sending a message takes less time than waking another thread for it, and more of them in
/// shares on the pool, one for each processor, so that the next batch does not wait for them. What another gateway told is a round in the same way, on
/// the thread that heard it.
/// </summary>
internal sealed class NewsRound(ICommitListener listener) : ICommitListener
{
    // Together about as long as a sync of the disk takes.
    private const int OwnMost = 8;

    [ThreadStatic]
    private static List<SocketConnection>? _gathered, _heard;

    private readonly List<SocketConnection> _round = [];

    /// <summary>True where a round is being gathered on this thread; the pump will run in it.</summary>
    public static bool TryJoin(SocketConnection connection)
    {
        if (_gathered is not { } round)
            return false;
        round.Add(connection);
        return true;
    }

    /// <summary>Runs <paramref name="news"/> and then whom it woke.</summary>
    public static void Gather(Action news)
    {
        var round = _heard ??= [];
        _gathered = round;
        try
        {
            news();
        }
        finally
        {
            _gathered = null;
        }
        Tell(round);
    }

    public void Committed(BatchOutcome outcome)
    {
        _gathered = _round;
        listener.Committed(outcome);
    }

    public void Told()
    {
        _gathered = null;
        Tell(_round);
    }

    private static void Tell(List<SocketConnection> round)
    {
        if (round.Count <= OwnMost)
            Run(round);
        else
            Share(round);
        round.Clear();
    }

    private static void Share(List<SocketConnection> round)
    {
        var size = (round.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount;
        for (var from = 0; from < round.Count; from += size)
        {
            var share = round.GetRange(from, Math.Min(size, round.Count - from));
            ThreadPool.UnsafeQueueUserWorkItem(Run, share, preferLocal: false);
        }
    }

    private static void Run(List<SocketConnection> round)
    {
        foreach (var connection in round)
            connection.RunPump();
    }
}
