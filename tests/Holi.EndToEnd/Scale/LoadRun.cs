using System.Diagnostics;
using System.Text.Json;

namespace Holi.EndToEnd.Scale;

/// <summary>One run of Holi.Load, as a person or a crank agent would start it.</summary>
internal static class LoadRun
{
    /// <summary>Its figures. Exit code 0 means that every guarantee held.</summary>
    public static async Task<JsonElement> Async(params string[] order)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(Load.Reports.Report).Assembly.Location);
        foreach (var word in order)
            start.ArgumentList.Add(word);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await errors);
        var said = await output;
        said.ShouldContain("#StartJobStatistics");
        return JsonDocument.Parse(said.TrimEnd().Split('\n')[^1]).RootElement;
    }

    public static double Figure(this JsonElement figures, string name) => figures.GetProperty(name).GetDouble();
}
