using Holi.Load.Chaos.Workload;

namespace Holi.Load.Chaos;

/// <summary>One conversation's log as a witness read it afterwards: the texts by offset, dense from 1.</summary>
internal sealed record WitnessedLog(string Tenant, string Id, IReadOnlyList<(ulong Offset, string Text)> Events);

/// <summary>What broke.</summary>
internal sealed record Findings(long Lost, long Duplicated, long OutOfOrder, long CrossTenant)
{
    /// <summary>Some of them, in words.</summary>
    public List<string> Examples { get; } = [];
}

/// <summary>
/// Compares what everybody said and was told with what the logs hold and the devices were shown: D (lost), O (duplicated), S (order, on the
/// devices and in the log), X (texts of another tenant or conversation).
/// </summary>
internal static class HistoryCheck
{
    private const int ExamplesMost = 12;

    public static Findings Of(Spoken spoken, IReadOnlyList<WitnessedLog> logs, IReadOnlyList<(ChaosDevice Device, string Id)> readers)
    {
        var (lost, duplicated, outOfOrder, cross) = (0L, 0L, 0L, 0L);
        var examples = new List<string>();
        var inLog = new Dictionary<string, string>();
        foreach (var log in logs)
        {
            var topic = "conversation/" + log.Id;
            var last = new Dictionary<string, int>();
            for (var n = 0; n < log.Events.Count; n++)
            {
                var (offset, text) = log.Events[n];
                if (offset != (ulong)n + 1)
                    Note(ref outOfOrder, $"{log.Tenant} {log.Id}: offset {offset} at place {n + 1}");
                if (text.Length == 0)
                    continue;
                var (tenant, who, number) = Spoken.Parse(text);
                if (tenant != log.Tenant || (spoken.Acknowledged.TryGetValue(text, out var meant) && meant != topic))
                    Note(ref cross, $"{text} in {log.Tenant} {log.Id}");
                if (!inLog.TryAdd(text, topic))
                    Note(ref duplicated, $"{text} again at {log.Tenant} {log.Id} {offset}");
                else if (Spoken.IsOrdered(who) && number <= last.GetValueOrDefault(who, -1))
                    Note(ref outOfOrder, $"{text} after {last[who]}");
                last[who] = number;
            }
        }
        foreach (var (text, topic) in spoken.Acknowledged)
        {
            if (!inLog.ContainsKey(text))
                Note(ref lost, $"{text} for {topic}");
        }
        foreach (var (device, id) in readers)
        {
            var log = logs.First(log => log.Tenant == device.Tenant && log.Id == id).Events;
            var shown = device.Shown(id);
            for (var n = 0; n < shown.Count; n++)
            {
                if (n >= log.Count || shown[n] != log[n])
                {
                    Note(ref outOfOrder, $"{device.Tenant} {device.Name} was shown {shown[n]} of {id} at place {n + 1}, the log has {(n < log.Count ? log[n] : default)}");
                    break;
                }
            }
            foreach (var (_, text) in shown)
            {
                if (text.Length > 0 && Spoken.Parse(text).Tenant != device.Tenant)
                    Note(ref cross, $"{device.Tenant} {device.Name} was shown {text}");
            }
        }
        var findings = new Findings(lost, duplicated, outOfOrder, cross);
        findings.Examples.AddRange(examples);
        return findings;

        void Note(ref long count, string example)
        {
            count++;
            if (examples.Count < ExamplesMost)
                examples.Add(example);
        }
    }
}
