using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Gateway.Topics;
using Holi.Wire.Frames;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Presence;

/// <summary>What a watcher has not seen of a room. The lists are used again.</summary>
public sealed record RoomNews(
    List<ReceiptEntry> Receipts, List<(uint Member, bool On)> Typing, List<(uint Member, bool Online, long LastSeenMs)> Presence)
{
    public void Clear()
    {
        Receipts.Clear();
        Typing.Clear();
        Presence.Clear();
    }
}

/// <summary>
/// The people of one topic while somebody watches them: positions, typing, presence. No queue here either: each person's news carries
/// the room's version at which it changed, and a watcher takes what is newer than it has seen. So a slow watcher costs one number and
/// misses only what was overtaken. Thread-safe; under its own lock, the last to be taken.
/// </summary>
public sealed class Room(string tenant, People people)
{
    private sealed class Occupant(uint member, string user)
    {
        public uint Member => member;
        public string User => user;
        public MemberRole Role;
        public bool Present;
        // Told by the committer since the room was opened: newer than what a read of the log may bring.
        public bool Told;
        // The same of the role alone.
        public bool RoleTold;
        public ulong Delivered, Read;
        public ulong PositionVersion, TypingVersion, PresenceVersion;
        public bool Typing;
        public long TypingUntilMs;
        public bool Online;
        public long LastSeenMs;
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<uint, Occupant> _occupants = [];
    private readonly LinkedList<Occupant> _latestFirst = new();
    private readonly Dictionary<uint, LinkedListNode<Occupant>> _nodes = [];
    private readonly List<Follower> _watchers = [];
    // Roles told before the roster was read, of numbers that nobody here knew yet.
    private readonly Dictionary<uint, MemberRole> _roles = [];
    private ulong _version;
    // The hub's, as opening and closing are: under its lock.
    private bool _isClosed;

    /// <summary>True once the roster was read.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>What a watcher that has just seen the roster has seen.</summary>
    public ulong Version
    {
        get
        {
            lock (_lock)
                return _version;
        }
    }

    internal void Add(Follower watcher)
    {
        lock (_lock)
        {
            if (!_watchers.Contains(watcher))
                _watchers.Add(watcher);
        }
    }

    internal int Remove(Follower watcher)
    {
        lock (_lock)
        {
            _watchers.Remove(watcher);
            return _watchers.Count;
        }
    }

    /// <summary>Nobody watches any more.</summary>
    internal void Close()
    {
        _isClosed = true;
        people.Leave(this, tenant, Users());
    }

    /// <summary>Takes in the roster as read from the log after the room was opened.</summary>
    internal void Load(IReadOnlyList<StoredMember> members)
    {
        if (_isClosed)
            return;
        lock (_lock)
        {
            foreach (var stored in members)
            {
                var occupant = Get(stored.Number, stored.User);
                occupant.Delivered = Math.Max(occupant.Delivered, stored.Delivered);
                occupant.Read = Math.Max(occupant.Read, stored.Read);
                if (occupant.Told)
                    continue;
                if (_roles.TryGetValue(stored.Number, out var told))
                    (occupant.Role, occupant.RoleTold) = (told, true);
                else if (!occupant.RoleTold)
                    occupant.Role = stored.Role;
                occupant.Present = stored.Present;
            }
            _roles.Clear();
            IsLoaded = true;
        }
        people.Join(this, tenant, Users());
    }

    /// <summary>The present members, by number.</summary>
    public List<RosterMember> Roster()
    {
        lock (_lock)
        {
            return [.. from o in _occupants.Values where o.Present orderby o.Member
                       select new RosterMember(o.Member, o.User, o.Role, o.Delivered, o.Read, o.Online, o.LastSeenMs)];
        }
    }

    /// <summary>Everything newer than <paramref name="seen"/>, added to <paramref name="news"/>. Returns the version it goes up to.</summary>
    public ulong Collect(ulong seen, uint except, long nowMs, RoomNews news)
    {
        lock (_lock)
        {
            foreach (var occupant in _latestFirst)
            {
                if (Math.Max(occupant.PositionVersion, Math.Max(occupant.TypingVersion, occupant.PresenceVersion)) <= seen)
                    break;
                if (!occupant.Present)
                    continue;
                if (occupant.PositionVersion > seen)
                    news.Receipts.Add(new ReceiptEntry(occupant.Member, occupant.Delivered, occupant.Read));
                if (occupant.Member == except)
                    continue;
                if (occupant.PresenceVersion > seen)
                    news.Presence.Add((occupant.Member, occupant.Online, occupant.LastSeenMs));
                // What was said too long ago is not said late.
                if (occupant.TypingVersion > seen && nowMs < occupant.TypingUntilMs)
                    news.Typing.Add((occupant.Member, occupant.Typing));
            }
            return _version;
        }
    }

    internal void Move(uint member, string user, ulong delivered, ulong read)
    {
        lock (_lock)
            Move(Get(member, user), delivered, read);
    }

    /// <summary>As told by another gateway, by number. False where nobody here has that number yet: the log knows.</summary>
    internal bool TryMove(uint member, ulong delivered, ulong read)
    {
        lock (_lock)
        {
            if (!_occupants.TryGetValue(member, out var occupant))
                return false;
            if (delivered > occupant.Delivered || read > occupant.Read)
                Move(occupant, delivered, read);
            return true;
        }
    }

    private void Move(Occupant occupant, ulong delivered, ulong read)
    {
        occupant.Delivered = Math.Max(occupant.Delivered, delivered);
        occupant.Read = Math.Max(occupant.Read, read);
        occupant.PositionVersion = Touch(occupant);
    }

    internal void Change(in MembershipChange change)
    {
        lock (_lock)
        {
            var occupant = Get(change.Member, change.User);
            occupant.Told = true;
            occupant.Role = change.Role;
            occupant.Present = change.Present;
            if (!change.Present)
            {
                var user = change.User;
                _watchers.RemoveAll(watcher => watcher.Marks.User == user);
            }
        }
        if (change.Present)
            people.Join(this, tenant, [change.User]);
        else
            people.Leave(this, tenant, [change.User]);
    }

    /// <summary>A role changed, of whoever has the number.</summary>
    internal void ChangeRole(uint member, MemberRole role)
    {
        lock (_lock)
        {
            if (_occupants.TryGetValue(member, out var occupant))
                (occupant.Role, occupant.RoleTold) = (role, true);
            // The roster that is being read may be older.
            else if (!IsLoaded)
                _roles[member] = role;
        }
    }

    /// <summary>A member types, or stopped. Returns false for who is not (known to be) one.</summary>
    public bool Type(uint member, bool on, long untilMs)
    {
        lock (_lock)
        {
            if (!_occupants.TryGetValue(member, out var occupant) || !occupant.Present)
                return false;
            occupant.Typing = on;
            occupant.TypingUntilMs = untilMs;
            occupant.TypingVersion = Touch(occupant);
            return true;
        }
    }

    /// <summary>A person came or went.</summary>
    internal void Show(string user, bool online, long lastSeenMs)
    {
        lock (_lock)
        {
            foreach (var occupant in _occupants.Values)
            {
                if (occupant.User != user || (occupant.Online == online && occupant.LastSeenMs == lastSeenMs))
                    continue;
                occupant.Online = online;
                occupant.LastSeenMs = lastSeenMs;
                occupant.PresenceVersion = Touch(occupant);
            }
        }
    }

    private string[] Users()
    {
        lock (_lock)
            return [.. from occupant in _occupants.Values where occupant.Present select occupant.User];
    }

    private Occupant Get(uint member, string user)
    {
        if (_occupants.TryGetValue(member, out var occupant))
            return occupant;
        // Shown once the roster or a change says that they are a member: a position alone may be that of one who left.
        occupant = new Occupant(member, user);
        _occupants.Add(member, occupant);
        _nodes.Add(member, _latestFirst.AddLast(occupant));
        return occupant;
    }

    // The latest news first, so that collecting stops at what was seen.
    private ulong Touch(Occupant occupant)
    {
        var node = _nodes[occupant.Member];
        _latestFirst.Remove(node);
        _latestFirst.AddFirst(node);
        _version++;
        foreach (var watcher in _watchers)
            watcher.Marks.Mark(watcher);
        return _version;
    }
}
