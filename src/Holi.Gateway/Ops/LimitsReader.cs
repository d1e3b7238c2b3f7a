using System.Globalization;
using Holi.Wire;

namespace Holi.Gateway.Ops;

/// <summary>The limits that an operator may set, and between which values each is sound.</summary>
internal static class LimitsReader
{
    private sealed record Setting(string Name, long Min, long Max, Func<GatewayLimits, long, GatewayLimits> Set);

    private static readonly Setting[] Settings =
    [
        new("ConnectionsPerUser", 1, 100_000, (limits, value) => limits with { ConnectionsPerUser = (int)value }),
        new("ConnectionsMax", 1, 1_000_000, (limits, value) => limits with { ConnectionsMax = (int)value }),
        new("UnauthenticatedPerAddress", 1, 100_000, (limits, value) => limits with { UnauthenticatedPerAddress = (int)value }),
        new("UnauthenticatedMax", 1, 1_000_000, (limits, value) => limits with { UnauthenticatedMax = (int)value }),
        new("CommandsInFlight", 1, 65_536, (limits, value) => limits with { CommandsInFlight = (int)value }),
        new("CommandBytesInFlight", WireLimits.FrameBytesMax, 64 << 20, (limits, value) => limits with { CommandBytesInFlight = (int)value }),
        new("FollowedTopics", 1, 100_000, (limits, value) => limits with { FollowedTopics = (int)value }),
        new("WatchedTopics", 1, 10_000, (limits, value) => limits with { WatchedTopics = (int)value }),
        new("ForeignAttempts", 1, 1_000_000, (limits, value) => limits with { ForeignAttempts = (int)value }),
        new("CommitQueueInputs", 1, 1 << 24, (limits, value) => limits with { Commits = limits.Commits with { QueueInputsMax = (int)value } }),
        new("CommitQueueBytes", WireLimits.FrameBytesMax, 1L << 36, (limits, value) => limits with { Commits = limits.Commits with { QueueBytesMax = value } }),
        new("CommitBatchInputs", 1, 65_536, (limits, value) => limits with { Commits = limits.Commits with { BatchInputsMax = (int)value } }),
        new("CommitBatchBytes", WireLimits.FrameBytesMax, 1L << 30, (limits, value) => limits with { Commits = limits.Commits with { BatchBytesMax = value } }),
        new("DeliveredIntervalMs", 0, 60_000, (limits, value) => limits with { Commits = limits.Commits with { DeliveredInterval = TimeSpan.FromMilliseconds(value) } }),
        new("DevicesPerUser", 1, 100_000, (limits, value) => limits with { Commits = limits.Commits with { DevicesPerUserMax = (int)value } }),
        new("ConversationMembers", 1, WireLimits.MembersMax, (limits, value) => limits with { Commits = limits.Commits with { MembersMax = (int)value } }),
        new("PublicationRequests", 1, 10_000, (limits, value) => limits with { PublicationRequestsMax = (int)value }),
        new("PublicationRequestsPerBackend", 1, 10_000, (limits, value) => limits with { PublicationRequestsPerBackend = (int)value }),
        new("NotesRequests", 1, 10_000, (limits, value) => limits with { Notes = limits.Notes with { RequestsMax = (int)value } }),
        new("NotesRequestsPerCaller", 1, 10_000, (limits, value) => limits with { Notes = limits.Notes with { RequestsPerCaller = (int)value } }),
        new("NotesRequestsPerMinute", 1, 1_000_000, (limits, value) => limits with { Notes = limits.Notes with { RequestsPerWindow = (int)value } }),
        new("NotesBodyBytes", 1_024, 64 << 20, (limits, value) => limits with { Notes = limits.Notes with { BodyBytes = (int)value } }),
        new("NotesBudgetSeconds", 1, 900, (limits, value) => limits with { Notes = limits.Notes with { Budget = TimeSpan.FromSeconds(value) } }),
        new("HeartbeatSeconds", 1, 600, (limits, value) => limits with { Heartbeat = TimeSpan.FromSeconds(value) }),
        new("SendTimeoutSeconds", 1, 600, (limits, value) => limits with { SendTimeout = TimeSpan.FromSeconds(value) }),
        new("DrainRetryAfterMs", 0, 600_000, (limits, value) => limits with { DrainRetryAfter = TimeSpan.FromMilliseconds(value) }),
        new("DrainSpreadMs", 0, 600_000, (limits, value) => limits with { DrainSpread = TimeSpan.FromMilliseconds(value) }),
        new("TailEvents", 1, 1_000_000, (limits, value) => limits with { TailEvents = (int)value }),
        new("TailBytes", 1_024, 1 << 30, (limits, value) => limits with { TailBytes = (int)value }),
        new("TailBytesInAll", 1_024, 1L << 40, (limits, value) => limits with { TailBytesInAll = value }),
        new("StoreReads", 1, 64, (limits, value) => limits with { StoreReads = (int)value }),
    ];

    public static GatewayLimits Read(IConfiguration section, List<string> errors)
    {
        var limits = new GatewayLimits();
        foreach (var child in section.GetChildren())
        {
            var setting = Array.Find(Settings, s => s.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (setting is null)
            {
                errors.Add($"Limits:{child.Key} is no limit that can be set: the names are {string.Join(", ", Settings.Select(s => s.Name))}.");
                continue;
            }
            if (long.TryParse(child.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= setting.Min && value <= setting.Max)
            {
                limits = setting.Set(limits, value);
                continue;
            }
            errors.Add($"Limits:{setting.Name} '{child.Value}' is out of range: write a whole number from {setting.Min} to {setting.Max}.");
        }
        return limits;
    }
}
