using System.Globalization;

namespace Holi.Gateway.Ops;

/// <summary>How many files and sockets this process may have open at a time.</summary>
internal static class OpenFiles
{
    /// <summary>
    /// For the log, connections to servers, and parts of the program that are loaded when they are first needed: the runtime ends a process that
    /// cannot open one of those. No socket may take them.
    /// </summary>
    public const int Kept = 512;

    /// <summary>The limit in force; null where the system does not say.</summary>
    public static long? Limit()
    {
        try
        {
            // "Max open files            1024                 524288               files": the first number is the one in force.
            foreach (var line in File.ReadLines("/proc/self/limits"))
            {
                if (!line.StartsWith("Max open files", StringComparison.Ordinal))
                    continue;
                var number = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
                return number == "unlimited" ? long.MaxValue : long.Parse(number, CultureInfo.InvariantCulture);
            }
        }
        catch (IOException)
        {
            // Not Linux.
        }
        return null;
    }

    /// <summary>How many sockets there may be. Of a limit that is hardly more than what is kept, half.</summary>
    public static long Sockets(long? limit) => limit is { } files ? Math.Max(files - Kept, files / 2) : long.MaxValue;
}
