using System.Globalization;
using System.Runtime.InteropServices;
using Holi.Peers.Measures;

namespace Holi.Peers.Reports;

/// <summary>What it was measured on, and when: no figure means anything without.</summary>
/// <param name="Processor">Its model.</param>
/// <param name="Cores">Those that this process may use.</param>
/// <param name="MemoryGb">All of it.</param>
/// <param name="System">The distribution and the kernel.</param>
/// <param name="Runtime">.NET's version.</param>
/// <param name="SyncMs">What it takes to have a few bytes on the disk on which the servers' data lie: the middle of many.</param>
/// <param name="Date">The day on which the run began.</param>
internal sealed record Machine(string Processor, int Cores, double MemoryGb, string System, string Runtime, double SyncMs, DateTimeOffset Date)
{
    private const int Syncs = 101;

    public static Machine Here(TimeProvider time) => new(
        Field("/proc/cpuinfo", "model name", ':'),
        Environment.ProcessorCount,
        double.TryParse(Field("/proc/meminfo", "MemTotal", ':').Split(' ')[0], CultureInfo.InvariantCulture, out var kb) ? Math.Round(kb / 1048576, 1) : 0,
        $"{Field("/etc/os-release", "PRETTY_NAME", '=').Trim('"')}, kernel {Environment.OSVersion.Version}",
        RuntimeInformation.FrameworkDescription,
        MeasureSync(time),
        time.GetUtcNow());

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {MemoryGb:0.#} GB, {System}, {Runtime}, an fsync in {SyncMs:0.##} ms, {Date:yyyy-MM-dd}");

    // A gateway whose disk does not sync would look better than it is, and this would show it.
    private static double MeasureSync(TimeProvider time)
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var written = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        var block = new byte[512];
        var times = new List<double>();
        for (var n = 0; n < Syncs; n++)
        {
            var start = time.GetTimestamp();
            written.Write(block);
            written.Flush(flushToDisk: true);
            times.Add(time.GetElapsedTime(start).TotalMilliseconds);
        }
        return Bench.Median(times);
    }

    private static string Field(string file, string name, char separator)
    {
        if (!File.Exists(file))
            return "unknown";
        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim();
    }
}
