using System.Diagnostics;
using System.Globalization;

namespace Holi.Load.Scenarios.Flush;

/// <summary>The sending device's process, over as many lives as it takes.</summary>
internal sealed class SenderProcess(IReadOnlyList<string> arguments, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _queued = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private bool _mayFlush;

    /// <summary>Completes when everything is in the outbox on disk.</summary>
    public Task Queued => _queued.Task;

    /// <summary>Completes with the last life's peak of resident memory, in KB, when the outbox is empty.</summary>
    public Task<long> Flushed => _flushed.Task;

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(SenderProcess).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        lock (_lock)
        {
            _process = Process.Start(start) ?? throw new InvalidOperationException("The sender did not start.");
            _process.OutputDataReceived += (_, line) => Hear(line.Data);
            _process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is not null)
                    Console.Error.WriteLine("sender: " + line.Data);
            };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
            if (_mayFlush)
                _process.StandardInput.WriteLine();
        }
    }

    /// <summary>Lets it switch its network on, in this life and in later ones.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            _mayFlush = true;
            _process?.StandardInput.WriteLine();
        }
    }

    /// <summary>SIGKILL, then a new life. False where it had ended already.</summary>
    public async Task<bool> KillAndRestartAsync(CancellationToken cancel)
    {
        Process process;
        lock (_lock)
            process = _process!;
        if (process.HasExited)
            return false;
        process.Kill();
        await process.WaitForExitAsync(cancel);
        process.Dispose();
        Start();
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Process? process;
        lock (_lock)
            process = _process;
        if (process is null)
            return;
        if (!process.HasExited)
            process.Kill();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
        await process.WaitForExitAsync(patience.Token);
        process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        if (line.StartsWith("queued ", StringComparison.Ordinal))
            _queued.TrySetResult();
        else if (line.StartsWith("flushed ", StringComparison.Ordinal))
            _flushed.TrySetResult(long.Parse(line.AsSpan(8), CultureInfo.InvariantCulture));
    }
}
