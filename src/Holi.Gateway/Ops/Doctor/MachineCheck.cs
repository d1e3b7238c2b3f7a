using System.Globalization;

namespace Holi.Gateway.Ops.Doctor;

/// <summary>Does the machine give what the limits promise: handles, memory, and a clock that is about right?</summary>
internal static class MachineCheck
{
    // What a quiet connection costs, measured: Holi.Load idle.
    private const long ConnectionBytes = 14 << 10;

    // This program was not written before.
    private static readonly DateTimeOffset Earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<Finding> Look(GatewayLimits limits, TimeProvider time) =>
        [OfClock(time.GetUtcNow()), OfHandles(OpenFiles.Limit(), limits), OfMemory(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, limits)];

    internal static Finding OfClock(DateTimeOffset now) => now >= Earliest
        ? Finding.Fine("clock", string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd HH:mm:ss} UTC"))
        : Finding.Problem(
            "clock", string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-dd HH:mm:ss} UTC is in the past"),
            "tokens are refused or live too long, and messages carry a wrong time", "set the clock, and let NTP keep it");

    internal static Finding OfHandles(long? limit, GatewayLimits limits)
    {
        var needed = (long)limits.ConnectionsMax + limits.HttpConnections + OpenFiles.Kept;
        if (limit is null)
            return Finding.Fine("files", $"{needed} may be open at a time; this system does not say how many it allows");
        return limit >= needed
            ? Finding.Fine("files", $"{limit} may be open, {needed} are needed at most")
            : Finding.Warning(
                "files", $"{limit} may be open, and {limits.ConnectionsMax} connections need {needed}",
                "beyond that, devices are turned away before they say a word",
                "raise the limit (LimitNOFILE= of systemd, --ulimit nofile= of a container), or lower Limits:ConnectionsMax");
    }

    internal static Finding OfMemory(long available, GatewayLimits limits)
    {
        var needed = (limits.ConnectionsMax * ConnectionBytes) + limits.TailBytesInAll + limits.Commits.QueueBytesMax;
        var what = $"{available >> 20} MiB, of which {limits.ConnectionsMax} quiet connections and the shared buffers take {needed >> 20} MiB";
        return needed <= available
            ? Finding.Fine("memory", what)
            : Finding.Warning("memory", what, "the system ends a process that takes more than there is", "give it more, or lower Limits:ConnectionsMax");
    }
}
