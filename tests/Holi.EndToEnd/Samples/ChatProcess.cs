using System.Diagnostics;
using System.Globalization;
using Holi.EndToEnd.Peers;

namespace Holi.EndToEnd.Samples;

/// <summary>The chat sample as a process, typed to and read through pipes.</summary>
internal sealed class ChatProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChatProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it printed so far, on both of its outputs.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public static ChatProcess Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Program(), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ChatProcess(start);
    }

    public Task TypeAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Waits until it has printed such a line, and returns the line.</summary>
    public async Task<string> SeesAsync(Func<string, bool> wanted, string described)
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_lines.Find(l => wanted(l)) is { } found)
                    return found;
                changed = _changed.Task;
            }
            try
            {
                await changed.WaitAsync(until - TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);
            }
            catch (Exception e) when (e is TimeoutException or ArgumentOutOfRangeException)
            {
                throw new TimeoutException($"Never printed {described}. It printed:\n{string.Join('\n', Lines)}");
            }
        }
    }

    public Task<string> SeesAsync(string part) => SeesAsync(l => l.Contains(part, StringComparison.Ordinal), $"\"{part}\"");

    /// <summary>The end of its input: it may send what is queued, then goes. Returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        _process.StandardInput.Close();
        return await ExitAsync();
    }

    /// <summary>Ctrl+C. Returns its exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]).Dispose();
        return await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
                await InterruptAsync();
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
        return _process.ExitCode;
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        TaskCompletionSource changed;
        lock (_lock)
        {
            _lines.Add(line);
            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        changed.TrySetResult();
    }

    private static string Program()
    {
        var program = Path.Combine(Checkout.Folder, "samples", "Holi.Chat", "bin", "Release", "net10.0", "Holi.Chat.dll");
        return File.Exists(program) ? program : throw new InvalidOperationException($"{program} is missing: dotnet build samples/Holi.Chat -c Release");
    }
}
