using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Holi.Bench.Tests.Crank;

/// <summary>A job as crank's agent runs it, but for building: started in a folder of its own with its arguments and environment; ready when it says so.</summary>
internal sealed class AgentJob : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("holi-agent-");
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly string? _readyText;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AgentJob(JsonObject job)
    {
        _readyText = (string?)job["readyStateText"];
        var start = new ProcessStartInfo("dotnet", $"{AssemblyOf(job)} {(string?)job["arguments"]}")
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in job["environmentVariables"] as JsonObject ?? [])
            start.Environment[name] = (string)value!;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data, "");
        _process.ErrorDataReceived += (_, line) => Take(line.Data, "[STDERR] ");
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The log that the agent keeps: standard output, and standard error with a mark.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
                return [.. _output];
        }
    }

    /// <summary>The ready text was said.</summary>
    public async Task ReadyAsync()
    {
        var first = await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(TestContext.Current.CancellationToken)).WaitAsync(Patience);
        first.ShouldBe(_ready.Task, $"it never said '{_readyText}':\n{this}");
    }

    /// <summary>It ended by itself.</summary>
    public async Task<int> ExitedAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>As an agent stops a server.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await ExitedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    public override string ToString() => string.Join('\n', Output);

    /// <summary>The Release build of a job's project, where the agent would build it.</summary>
    public static string AssemblyOf(JsonObject job)
    {
        var project = Path.Combine(Checkout.Folder, (string)job["source"]!["project"]!);
        File.Exists(project).ShouldBeTrue(project);
        return Path.Combine(Path.GetDirectoryName(project)!, "bin", "Release", (string)job["framework"]!, Path.GetFileNameWithoutExtension(project) + ".dll");
    }

    private void Take(string? line, string mark)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Add(mark + line);
        if (!string.IsNullOrEmpty(_readyText) && line.Contains(_readyText, StringComparison.OrdinalIgnoreCase))
            _ready.TrySetResult();
    }
}
