using System.Globalization;

namespace Holi.Load.Gateways;

/// <summary>How many files and sockets one process may have open. The runtime raises its own bound as far as the hard one allows, and its children inherit that.</summary>
internal static class OpenFiles
{
    /// <summary>The hard limit (getrlimit(2), RLIMIT_NOFILE).</summary>
    public static long Limit { get; } = Read();

    private static long Read()
    {
        // "Max open files            1024                 524288               files"
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return long.TryParse(hard, CultureInfo.InvariantCulture, out var limit) ? limit : long.MaxValue;
    }
}
