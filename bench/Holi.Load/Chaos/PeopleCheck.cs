using Holi.Load.Chaos.Workload;

namespace Holi.Load.Chaos;

/// <summary>
/// Whether everybody who watches is shown the same people as there are: who is connected, how far each has received and read. Devices are at different
/// gateways, so this is what these tell each other.
/// </summary>
/// <param name="readers">Who watches what.</param>
/// <param name="isHere">Devices that are connected.</param>
internal sealed class PeopleCheck(IReadOnlyList<(ChaosDevice Device, string Id)> readers, Func<ChaosDevice, bool> isHere)
{
    /// <summary>Who is shown otherwise than they are.</summary>
    public IReadOnlyList<string> WrongPresence()
    {
        var online = readers.Where(reader => isHere(reader.Device)).Select(reader => (reader.Device.Tenant, reader.Device.User)).ToHashSet();
        return Wrong((watcher, _, person) =>
            person.User == watcher.User || person.IsOnline == online.Contains((watcher.Tenant, person.User)) ? null : person.IsOnline ? "online" : "offline");
    }

    /// <summary>Who is shown to have received less than everything, or read less than they marked.</summary>
    public IReadOnlyList<string> WrongPositions()
    {
        var heads = readers.GroupBy(Topic).ToDictionary(same => same.Key, same => same.Max(reader => reader.Device.Shown(reader.Id) is [.., var (offset, _)] ? offset : 0));
        var read = readers.GroupBy(reader => (Topic(reader), reader.Device.User))
            .ToDictionary(same => same.Key, same => same.Max(reader => reader.Device.Marked(reader.Id)));
        return Wrong((watcher, id, person) =>
        {
            var topic = (watcher.Tenant, id);
            if (person.Delivered < heads[topic])
                return $"to have received {person.Delivered} of {heads[topic]}";
            return read.TryGetValue((topic, person.User), out var marked) && person.Read < marked ? $"to have read {person.Read}, and marked {marked}" : null;
        });
    }

    private static (string Tenant, string Id) Topic((ChaosDevice Device, string Id) reader) => (reader.Device.Tenant, reader.Id);

    private List<string> Wrong(Func<ChaosDevice, string, Holi.Client.Person, string?> fault)
    {
        var wrong = new List<string>();
        foreach (var (watcher, id) in readers.Where(reader => isHere(reader.Device)))
        {
            var people = watcher.People(id);
            if (people.Count == 0)
                wrong.Add($"{watcher.Tenant} {watcher.Name} is shown nobody in {id}, {watcher.Client.Status.State}");
            foreach (var person in people)
            {
                if (fault(watcher, id, person) is { } how)
                    wrong.Add($"{watcher.Tenant} {watcher.Name} is shown {person.User} {how} in {id}");
            }
        }
        return wrong;
    }
}
