using Holi.Gateway.Commit;
using Holi.Gateway.Topics;

namespace Holi.Gateway.Presence;

/// <summary>
/// Who is connected, over all of a person's devices: the connections of each user, for limits and membership news, and whether the person is
/// shown online. Presence goes to rooms, and a room is only where somebody watches a topic that the person is a member of; so nobody hears of
/// anybody with whom they share no conversation. Thread-safe; its lock is taken before a room's and after the hub's.
/// </summary>
public sealed class People(GatewayLimits limits, TimeProvider time)
{
    private sealed class Person
    {
        public readonly List<ConnectionMarks> Connections = [];
        public readonly List<Room> Rooms = [];
        public bool Online;
        // When a person without connections is shown offline, unless they are back by then.
        public TimeSpan OfflineAt = TimeSpan.MaxValue;
        public long LastSeenMs;
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string User), Person> _people = [];
    private readonly Queue<((string Tenant, string User) Key, TimeSpan At)> _leaving = new();
    private readonly Queue<(string Tenant, string User)> _left = new();
    private readonly long _startedAt = time.GetTimestamp();
    private int _online;

    /// <summary>People with a connection.</summary>
    public int Online => Volatile.Read(ref _online);

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
            if (!person.Online)
                Show(person, marks.User, online: true);
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
                if (_people.TryGetValue(next.Key, out var person) && person.Online && person.OfflineAt <= next.At)
                    GoOffline(next.Key, person);
            }
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

    private void GoOffline((string Tenant, string User) key, Person person)
    {
        Show(person, key.User, online: false);
        // Last-seen times are kept for so many people; whoever left longest ago is forgotten first.
        _left.Enqueue(key);
        if (_left.Count > limits.LastSeenPeople && _left.Dequeue() is var oldest && _people.TryGetValue(oldest, out var forgotten))
            RemoveIfUnused(oldest, forgotten);
    }

    private void Show(Person person, string user, bool online)
    {
        person.Online = online;
        Volatile.Write(ref _online, _online + (online ? 1 : -1));
        foreach (var room in person.Rooms)
            room.Show(user, online, person.LastSeenMs);
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
