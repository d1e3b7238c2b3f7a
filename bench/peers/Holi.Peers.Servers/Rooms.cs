using System.Collections.Concurrent;

namespace Holi.Peers.Servers;

/// <summary>Who is in which room. Read for each message, changed seldom: each change makes a new array.</summary>
internal sealed class Rooms<TMember>
    where TMember : class
{
    private readonly ConcurrentDictionary<string, TMember[]> _rooms = new();

    public void Join(string room, TMember member) => _rooms.AddOrUpdate(room, _ => [member], (_, members) => [.. members, member]);

    public void Leave(string room, TMember member) => _rooms.AddOrUpdate(room, _ => [], (_, members) => [.. members.Where(other => other != member)]);

    public TMember[] Of(string room) => _rooms.TryGetValue(room, out var members) ? members : [];
}
