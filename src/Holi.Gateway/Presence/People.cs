using Holi.Gateway.Commit;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Presence;

/// <summary>
/// Who is connected, over all of a person's devices: the connections of each user here, for limits and membership news, and whether the person is
/// shown online, which those connected to other gateways count for. Presence goes to rooms, and a room is only where somebody watches a topic that the person is a member of; so nobody hears of
/// anybody with whom they share no conversation. Thread-safe; its lock is taken before a room's and after the hub's.
/// </summary>
public sealed class People(GatewayLimits limits, TimeProvider time)
{
    private sealed class Person
    {
        public readonly List<ConnectionMarks> Connections = [];
        public readonly List<Room> Rooms = [];
        // Connected here, or within the grace.
        public bool Here;
        // Gateways that say the same.
        public int Elsewhere;
        // When a person without connections is shown offline, unless they are back by then.
        public TimeSpan OfflineAt = TimeSpan.MaxValue;
        public long LastSeenMs;

        public bool Online => Here || Elsewhere > 0;
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string User), Person> _people = [];
    private readonly Queue<((string Tenant, string User) Key, TimeSpan At)> _leaving = new();
    private readonly Queue<(string Tenant, string User)> _left = new();
    private readonly long _startedAt = time.GetTimestamp();
    private int _online;

    /// <summary>People with a connection here.</summary>
    public int Online => Volatile.Read(ref _online);

    /// <summary>Called, under a lock, when somebody comes to this gateway or leaves it; must take no lock of the hub's or a room's, and return at once.</summary>
    internal Action<string, string, bool, long>? Changed { get; set; }

    /// <summary>A device of this user is connected. False where the user has too many connections.</summary>
    public bool Connect(ConnectionMarks marks)
    {
        lock (_lock)
        {
            var person = Get((marks.Tenant, marks.User));
            if (person.Connections.Count >= limits.ConnectionsPerUser)
                return false;
            person.Connections.Add(marks);
            person.OfflineAt = TimeSpan.MaxValue;
            if (!person.Here)
                SetHere((marks.Tenant, marks.User), person, here: true);
            return true;
        }
    }

    /// <summary>True where the user may have one connection more.</summary>
    public bool HasRoom(string tenant, string user)
    {
        lock (_lock)
            return !_people.TryGetValue((tenant, user), out var person) || person.Connections.Count < limits.ConnectionsPerUser;
    }

    /// <summary>That connection is over. After the last one the person stays online for the grace time, so that a blip shows nothing.</summary>
    public void Disconnect(ConnectionMarks marks)
    {
        lock (_lock)
        {
            var key = (marks.Tenant, marks.User);
            if (!_people.TryGetValue(key, out var person) || !person.Connections.Remove(marks) || person.Connections.Count > 0)
                return;
            person.LastSeenMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            person.OfflineAt = Now + limits.PresenceGrace;
            _leaving.Enqueue((key, person.OfflineAt));
        }
    }

    /// <summary>Shows offline whose grace is over.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            while (_leaving.TryPeek(out var next) && next.At <= Now)
            {
                _leaving.Dequeue();
                if (_people.TryGetValue(next.Key, out var person) && person.Here && person.OfflineAt <= next.At)
                    SetHere(next.Key, person, here: false);
            }
        }
    }

    /// <summary>Another gateway has a connection of this user.</summary>
    internal void CameElsewhere(string tenant, string user)
    {
        lock (_lock)
        {
            var person = Get((tenant, user));
            var was = person.Online;
            person.Elsewhere++;
            Show((tenant, user), person, was);
        }
    }

    /// <summary>That gateway has none any more, or is gone.</summary>
    internal void LeftElsewhere(string tenant, string user, long lastSeenMs)
    {
        lock (_lock)
        {
            var key = (tenant, user);
            if (!_people.TryGetValue(key, out var person) || person.Elsewhere == 0)
                return;
            person.LastSeenMs = Math.Max(person.LastSeenMs, lastSeenMs);
            person.Elsewhere--;
            Show(key, person, was: true);
        }
    }

    /// <summary>Tells every connection of the user that a membership changed.</summary>
    internal void Note(in MembershipChange change)
    {
        lock (_lock)
        {
            if (!_people.TryGetValue((change.Topic.Tenant, change.User), out var person))
                return;
            foreach (var marks in person.Connections)
                marks.Note(change);
        }
    }

    /// <summary>The users are members of a watched topic: the room hears when they come and go, and now how they are.</summary>
    internal void Join(Room room, string tenant, IEnumerable<string> users)
    {
        lock (_lock)
        {
            foreach (var user in users)
            {
                var person = Get((tenant, user));
                if (!person.Rooms.Contains(room))
                    person.Rooms.Add(room);
                room.Show(user, person.Online, person.LastSeenMs);
            }
        }
    }

    internal void Leave(Room room, string tenant, IEnumerable<string> users)
    {
        lock (_lock)
        {
            foreach (var user in users)
            {
                var key = (tenant, user);
                if (!_people.TryGetValue(key, out var person))
                    continue;
                person.Rooms.Remove(room);
                if (!person.Online && person.LastSeenMs == 0)
                    RemoveIfUnused(key, person);
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_startedAt);

    private void SetHere((string Tenant, string User) key, Person person, bool here)
    {
        var was = person.Online;
        person.Here = here;
        Volatile.Write(ref _online, _online + (here ? 1 : -1));
        Changed?.Invoke(key.Tenant, key.User, here, person.LastSeenMs);
        Show(key, person, was);
    }

    // Tells the rooms, if that changed how the person is shown.
    private void Show((string Tenant, string User) key, Person person, bool was)
    {
        if (person.Online == was)
            return;
        foreach (var room in person.Rooms)
            room.Show(key.User, person.Online, person.LastSeenMs);
        if (was)
            Remember(key);
    }

    // Last-seen times are kept for so many people; whoever left longest ago is forgotten first.
    private void Remember((string Tenant, string User) key)
    {
        _left.Enqueue(key);
        if (_left.Count > limits.LastSeenPeople && _left.Dequeue() is var oldest && _people.TryGetValue(oldest, out var forgotten))
            RemoveIfUnused(oldest, forgotten);
    }

    private void RemoveIfUnused((string, string) key, Person person)
    {
        if (person.Connections.Count == 0 && person.Rooms.Count == 0 && !person.Online)
            _people.Remove(key);
    }

    private Person Get((string, string) key)
    {
        if (!_people.TryGetValue(key, out var person))
            _people.Add(key, person = new Person());
        return person;
    }
}
