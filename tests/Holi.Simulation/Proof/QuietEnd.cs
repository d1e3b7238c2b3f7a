using Holi.Client;
using Holi.Gateway.Storage;
using Holi.Simulation.Device;
using Holi.Simulation.Log;
using Holi.Simulation.Scenarios;
using Holi.Wire.Payloads;

namespace Holi.Simulation.Proof;

/// <summary>
/// L: the faults stop, and after a while every outbox is empty, every cursor at its head, and the log knows it. Copies of one device take
/// turns, because only one at a time can be it.
/// </summary>
internal sealed class QuietEnd(Run run, Mishaps mishaps)
{
    // The longest honest wait: a half-open connection found by heartbeat, then a backoff of 30 s, or a socket whose opening hangs for 20 s.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns how long it took.</summary>
    public TimeSpan Reach()
    {
        var began = run.Time.Now;
        foreach (var turn in Turns().ToArray())
        {
            foreach (var device in run.Devices)
            {
                device.IsRetired = run.Devices.Any(other => other != device && other.Key == device.Key) && !turn.Contains(device);
                if (device.IsRetired)
                    device.Kill();
            }
            mishaps.Heal();
            if (!Wait())
                break;
        }
        return run.Time.Now - began;
    }

    private IEnumerable<HashSet<SimDevice>> Turns()
    {
        var groups = run.Devices.GroupBy(d => d.Key).Select(g => g.ToArray()).ToArray();
        for (var turn = 0; turn < groups.Max(g => g.Length); turn++)
            yield return [.. groups.Select(g => g[Math.Min(turn, g.Length - 1)])];
    }

    private bool Wait()
    {
        var until = run.Time.Now + Patience;
        var told = new HashSet<SimDevice>();
        while (run.Failure is null)
        {
            var next = run.Time.Now + Look;
            while (run.Step(next))
            {
            }
            if (run.Failure is not null || Missing() is not { } missing)
                break;
            // Only a person can tell a device that was fenced by its copy to try again. Once, for no copy runs beside it any more.
            foreach (var device in run.Devices.Where(d => d.Engine?.State == ConnectionState.Stopped && d.IsFencedByCopy && told.Add(d)))
                device.Input((engine, now) => engine.ConnectNow(now));
            if (run.Time.Now >= until)
                run.Fail('L', $"{Patience.TotalSeconds} s after the last fault {missing}");
        }
        return run.Failure is null;
    }

    private string? Missing()
    {
        foreach (var device in run.Devices.Where(d => !d.IsRetired))
        {
            if (MissingAt(device) is { } missing)
                return $"{device.Copy} ({device.Engine?.State}) {missing}";
        }
        return run.Gateways.AreIdle ? null : "a committer is not idle.";
    }

    private string? MissingAt(SimDevice device)
    {
        if (device.Disk.Outbox.Count > 0)
            return $"has {device.Disk.Outbox.Count} commands in its outbox, the first {device.Disk.Outbox[0].Seq}.";
        var mine = run.Disk.Data.Memberships(device.Tenant, device.User);
        if (mine.Count == 0)
            return "was never connected.";
        foreach (var membership in mine)
        {
            var kept = device.Disk.Topics.GetValueOrDefault(membership.Name)?.Topic;
            if (kept is null || kept.Epoch != membership.Epoch || kept.Cursor != membership.Head)
                return $"has {membership.Name} through {kept?.Cursor} of {membership.Head} (epoch {kept?.Epoch}, {membership.Epoch}).";
            if (kept.Gone)
                return $"takes {membership.Name} for gone.";
            if (membership.Member.Delivered != membership.Head)
                return $"has all of {membership.Name}, delivered says {membership.Member.Delivered} of {membership.Head}.";
        }
        foreach (var (topic, people) in device.App.Shown.Where(s => mine.Exists(m => m.Name == s.Topic)))
        {
            var members = run.Disk.Data.Find(new TopicKey(device.Tenant, topic))!.Members.Values.Where(m => m.Present).OrderBy(m => m.Number);
            var there = string.Join(", ", members.Select(m => $"{m.User} {m.Role}"));
            if (people is null || string.Join(", ", people.Select(p => $"{p.User} {p.Role}")) != there)
                return $"shows in {topic} {(people is null ? "nobody" : string.Join(", ", people.Select(p => $"{p.User} {p.Role}")))}, and there are {there}.";
            if (run.Gateways.AreSeveral && people.FirstOrDefault(p => p.User != device.User && IsShownWrong(device.Tenant, topic, p)) is { } wrong)
                return $"shows {wrong.User} in {topic} as {(wrong.IsOnline ? "online" : "offline")}, {wrong.Delivered} delivered, {wrong.Read} read.";
        }
        return device.Disk.Topics.Values.FirstOrDefault(t => IsStale(t.Topic, mine)) is { } stale ? $"takes {stale.Topic.Name} for its own." : null;
    }

    private bool IsShownWrong(string tenant, string topic, Person shown)
    {
        var member = run.Disk.Data.Find(new TopicKey(tenant, topic))!.Members[shown.User];
        var isHere = run.Devices.Exists(d => !d.IsRetired && d.Tenant == tenant && d.User == shown.User && d.App.IsReady);
        // Without a line gateways do not know who is at others.
        return (shown.IsOnline != isHere && !run.Scenario.Sizes.NoLine) || shown.Delivered != member.Delivered || shown.Read != member.Read;
    }

    private static bool IsStale(ReplicaTopic topic, List<Membership> mine) =>
        TopicName.TryParse(topic.Name, out var kind, out _) && kind == TopicKind.Conversation && topic is { Epoch: not 0, Gone: false }
        && mine.TrueForAll(m => m.Name != topic.Name);
}
