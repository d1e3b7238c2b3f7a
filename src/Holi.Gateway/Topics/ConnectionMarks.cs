using Holi.Gateway.Commit;
using Holi.Wire;

namespace Holi.Gateway.Topics;

/// <summary>
/// What others leave for one connection: which of its topics moved, which memberships changed, and whether it must close. Marks, not
/// events: a topic is marked once however much happens in it, so this never grows with traffic. Thread-safe; takes no lock but its own,
/// and calls <c>wake</c>, which must take none and return at once.
/// </summary>
public sealed class ConnectionMarks(string tenant, string user, int notesMax, Action wake)
{
    private readonly Lock _lock = new();
    private Follower? _marked;
    private List<MembershipChange>? _notes;
    private volatile HoliCode _close;

    public string Tenant => tenant;

    public string User => user;

    /// <summary>The code that somebody else wants this connection closed with.</summary>
    public HoliCode CloseWanted => _close;

    /// <summary>Something of the topic moved. Lock-free: the committer marks every follower of every topic that it wrote.</summary>
    public void Mark(Follower follower)
    {
        if (Interlocked.Exchange(ref follower.IsMarked, 1) != 0)
            return;
        var next = Volatile.Read(ref _marked);
        while (true)
        {
            follower.NextMarked = next;
            var seen = Interlocked.CompareExchange(ref _marked, follower, next);
            if (ReferenceEquals(seen, next))
                break;
            next = seen;
        }
        // Only the first mark wakes: whoever takes the marks takes them all.
        if (next is null)
            wake();
    }

    /// <summary>Takes one chain of marked followers; walk it with <see cref="Unmark"/>.</summary>
    public Follower? TakeMarked() => Volatile.Read(ref _marked) is null ? null : Interlocked.Exchange(ref _marked, null);

    /// <summary>Takes <paramref name="follower"/> off its chain and returns the next. What happens from here on marks it again.</summary>
    public static Follower? Unmark(Follower follower)
    {
        var next = follower.NextMarked;
        follower.NextMarked = null;
        Interlocked.Exchange(ref follower.IsMarked, 0);
        return next;
    }

    /// <summary>A membership of this user changed.</summary>
    public void Note(in MembershipChange change)
    {
        lock (_lock)
        {
            if ((_notes ??= []).Count < notesMax)
                _notes.Add(change);
            else
                // It cannot be told everything any more: it comes back and reads its memberships anew.
                WantClose(HoliCode.GoingAway);
        }
        wake();
    }

    /// <summary>Takes the membership changes, oldest first; null where there are none.</summary>
    public List<MembershipChange>? TakeNotes()
    {
        if (Volatile.Read(ref _notes) is null)
            return null;
        lock (_lock)
        {
            var notes = _notes;
            _notes = null;
            return notes;
        }
    }

    /// <summary>The connection must close: fenced, revoked, drained. The first code counts.</summary>
    public void Close(HoliCode code)
    {
        lock (_lock)
            WantClose(code);
        wake();
    }

    private void WantClose(HoliCode code)
    {
        if (_close == HoliCode.None)
            _close = code;
    }
}
