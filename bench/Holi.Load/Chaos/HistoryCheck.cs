using Holi.Load.Chaos.Workload;

namespace Holi.Load.Chaos;

/// <summary>An event as a witness read it.</summary>
/// <param name="Offset">Its place.</param>
/// <param name="Text">What a message said; empty for everything else.</param>
/// <param name="Joined">Who became a member by it.</param>
/// <param name="Left">Who ceased to be one by it.</param>
internal readonly record struct WitnessedEvent(ulong Offset, string Text, string? Joined = null, string? Left = null);

/// <summary>One conversation's log as a witness read it afterwards, dense from 1.</summary>
internal sealed record WitnessedLog(string Tenant, string Id, IReadOnlyList<WitnessedEvent> Events);

/// <summary>What broke.</summary>
internal sealed record Findings(long Lost, long Duplicated, long OutOfOrder, long CrossTenant, long CrossMembership)
{
    /// <summary>Some of them, in words.</summary>
    public List<string> Examples { get; } = [];
}

/// <summary>
/// Compares what everybody said and was told with what the logs hold and the devices were shown: D (lost), O (duplicated), S (order, on the
/// devices and in the log), X (texts of another tenant or conversation, or of a time at which one was no member).
/// </summary>
internal sealed class HistoryCheck(Spoken spoken, IReadOnlyList<WitnessedLog> logs)
{
    private const int ExamplesMost = 12;

    private readonly Dictionary<string, string> _inLog = [];
    private readonly List<string> _examples = [];
    private long _lost, _duplicated, _outOfOrder, _crossTenant, _crossMembership;

    /// <param name="spoken">What was said.</param>
    /// <param name="logs">What the logs hold.</param>
    /// <param name="readers">Who was shown what.</param>
    /// <param name="guests">The same of who came and went.</param>
    public static Findings Of(
        Spoken spoken, IReadOnlyList<WitnessedLog> logs, IReadOnlyList<(ChaosDevice Device, string Id)> readers, IReadOnlyList<Guest> guests)
    {
        var check = new HistoryCheck(spoken, logs);
        foreach (var log in logs)
            check.CheckLog(log);
        foreach (var (text, topic) in spoken.Acknowledged)
        {
            if (!check._inLog.ContainsKey(text))
                check.Note(ref check._lost, $"{text} for {topic}");
        }
        foreach (var (device, id) in readers)
            check.CheckShown(device, id);
        foreach (var guest in guests)
            check.CheckGuest(guest);
        var findings = new Findings(check._lost, check._duplicated, check._outOfOrder, check._crossTenant, check._crossMembership);
        findings.Examples.AddRange(check._examples);
        return findings;
    }

    private WitnessedLog LogOf(ChaosDevice device, string id) => logs.First(log => log.Tenant == device.Tenant && log.Id == id);

    private void CheckLog(WitnessedLog log)
    {
        var topic = "conversation/" + log.Id;
        var last = new Dictionary<string, int>();
        for (var n = 0; n < log.Events.Count; n++)
        {
            var (offset, text) = (log.Events[n].Offset, log.Events[n].Text);
            if (offset != (ulong)n + 1)
                Note(ref _outOfOrder, $"{log.Tenant} {log.Id}: offset {offset} at place {n + 1}");
            if (text.Length == 0)
                continue;
            var (tenant, who, number) = Spoken.Parse(text);
            if (tenant != log.Tenant || (spoken.Acknowledged.TryGetValue(text, out var meant) && meant != topic))
                Note(ref _crossTenant, $"{text} in {log.Tenant} {log.Id}");
            if (!_inLog.TryAdd(text, topic))
                Note(ref _duplicated, $"{text} again at {log.Tenant} {log.Id} {offset}");
            else if (Spoken.IsOrdered(who) && number <= last.GetValueOrDefault(who, -1))
                Note(ref _outOfOrder, $"{text} after {last[who]}");
            last[who] = number;
        }
    }

    private void CheckShown(ChaosDevice device, string id)
    {
        var (log, shown) = (LogOf(device, id).Events, device.Shown(id));
        for (var n = 0; n < shown.Count; n++)
        {
            if (n >= log.Count || shown[n] != (log[n].Offset, log[n].Text))
            {
                Note(ref _outOfOrder, $"{device.Tenant} {device.Name} was shown {shown[n]} of {id} at place {n + 1}, the log has {(n < log.Count ? log[n] : default)}");
                break;
            }
        }
        CheckTenant(device, shown);
    }

    // From each member.add on, and through the event before the next member.remove (holi.v1 §8.9).
    private void CheckGuest(Guest guest)
    {
        var (log, shown) = (LogOf(guest.Device, guest.Id).Events, guest.Device.Shown(guest.Id));
        var theirs = new HashSet<ulong>();
        var isMember = false;
        foreach (var happened in log)
        {
            isMember = happened.Joined == Guest.User || (isMember && happened.Left != Guest.User);
            if (isMember)
                theirs.Add(happened.Offset);
        }
        var last = 0UL;
        foreach (var (offset, text) in shown)
        {
            if (!theirs.Contains(offset))
                Note(ref _crossMembership, $"{guest.Device.Tenant} {guest.Device.Name} was shown {offset} '{text}' of {guest.Id}, and was no member");
            if (offset <= last || log[(int)offset - 1].Text != text)
                Note(ref _outOfOrder, $"{guest.Device.Tenant} {guest.Device.Name} was shown {offset} '{text}' of {guest.Id} after {last}");
            last = offset;
        }
        CheckTenant(guest.Device, shown);
    }

    private void CheckTenant(ChaosDevice device, IReadOnlyList<(ulong Offset, string Text)> shown)
    {
        foreach (var (_, text) in shown)
        {
            if (text.Length > 0 && Spoken.Parse(text).Tenant != device.Tenant)
                Note(ref _crossTenant, $"{device.Tenant} {device.Name} was shown {text}");
        }
    }

    private void Note(ref long count, string example)
    {
        count++;
        if (_examples.Count < ExamplesMost)
            _examples.Add(example);
    }
}
