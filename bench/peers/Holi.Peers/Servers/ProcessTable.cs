using System.Globalization;

namespace Holi.Peers.Servers;

/// <summary>What the kernel says of a process and all that come from it (proc(5)): processor time, and memory.</summary>
internal static class ProcessTable
{
    /// <summary>USER_HZ, which the kernel shows to programs, is 100 on every machine that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>User and system time of a process, its living children and those that it has buried.</summary>
    public static TimeSpan Cpu(int root)
    {
        var ticks = 0L;
        foreach (var id in Family(root))
        {
            if (Stat(id) is not { } fields)
                continue;
            // utime, stime; and cutime, cstime of children that are gone and were waited for.
            for (var n = 11; n <= 14; n++)
                ticks += long.Parse(fields[n], CultureInfo.InvariantCulture);
        }
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    /// <summary>
    /// Resident bytes of a process and its children: as they are counted for each (shared pages in every process that has them), and with
    /// shared pages divided among those who share them.
    /// </summary>
    public static (long Rss, long Pss) Memory(int root)
    {
        var (rss, pss) = (0L, 0L);
        foreach (var id in Family(root))
        {
            foreach (var line in Lines($"/proc/{id}/smaps_rollup"))
            {
                if (line.StartsWith("Rss:", StringComparison.Ordinal))
                    rss += Kilobytes(line);
                else if (line.StartsWith("Pss:", StringComparison.Ordinal))
                    pss += Kilobytes(line);
            }
        }
        return (rss * 1024, pss * 1024);
    }

    private static List<int> Family(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Stat(id) is { } fields)
                parents[id] = int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        var family = new List<int> { root };
        for (var n = 0; n < family.Count; n++)
            family.AddRange(parents.Where(process => process.Value == family[n]).Select(process => process.Key));
        return family;
    }

    // "id (name) state parent …", where a name may hold anything: the fields behind it, from the state on. Null where it is gone.
    private static string[]? Stat(int id)
    {
        var text = string.Concat(Lines($"/proc/{id}/stat"));
        return text.Length == 0 ? null : text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static long Kilobytes(string line) => long.Parse(line.AsSpan(4).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
