using System.Text.Json;

namespace Holi.Bench.Baseline;

/// <summary>The accepted figures, in a file of the repository.</summary>
internal static class BaselineFile
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Where it is in this checkout.</summary>
    public static string Place { get; } = Find();

    public static IReadOnlyList<Measured> Read() =>
        File.Exists(Place) ? JsonSerializer.Deserialize<List<Measured>>(File.ReadAllText(Place), Readable) ?? [] : [];

    public static void Write(IEnumerable<Measured> accepted) =>
        File.WriteAllText(Place, JsonSerializer.Serialize(accepted.OrderBy(m => m.Name, StringComparer.Ordinal), Readable) + "\n");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Holi.sln")))
                return Path.Combine(folder.FullName, "bench", "Holi.Bench", "baseline.json");
        }
        throw new InvalidOperationException("The baseline belongs to a checkout: run this from one.");
    }
}
