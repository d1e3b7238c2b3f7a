using System.Globalization;
using System.Runtime.InteropServices;

namespace Holi.Peers.Reports;

/// <summary>What it was measured on, and when: no figure means anything without.</summary>
/// <param name="Processor">Its model.</param>
/// <param name="Cores">Those that this process may use.</param>
/// <param name="MemoryGb">All of it.</param>
/// <param name="System">The distribution and the kernel.</param>
/// <param name="Runtime">.NET's version.</param>
/// <param name="Date">The day on which the run ended.</param>
internal sealed record Machine(string Processor, int Cores, double MemoryGb, string System, string Runtime, DateTimeOffset Date)
{
    public static Machine Here(TimeProvider time) => new(
        Field("/proc/cpuinfo", "model name", ':'),
        Environment.ProcessorCount,
        double.TryParse(Field("/proc/meminfo", "MemTotal", ':').Split(' ')[0], CultureInfo.InvariantCulture, out var kb) ? Math.Round(kb / 1048576, 1) : 0,
        $"{Field("/etc/os-release", "PRETTY_NAME", '=').Trim('"')}, kernel {Environment.OSVersion.Version}",
        RuntimeInformation.FrameworkDescription,
        time.GetUtcNow());

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Cores} cores, {MemoryGb:0.#} GB, {System}, {Runtime}, {Date:yyyy-MM-dd}");

    private static string Field(string file, string name, char separator)
    {
        if (!File.Exists(file))
            return "unknown";
        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim();
    }
}
