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
    private long _left = long.MaxValue;
    private volatile int _gateway;
    private bool _mayFlush;

    /// <summary>Completes when everything is in the outbox on disk.</summary>
    public Task Queued => _queued.Task;

    /// <summary>Completes with the last life's peak of resident memory, in KB, when the outbox is empty.</summary>
    public Task<long> Flushed => _flushed.Task;

    /// <summary>Messages that were still in its outbox when it last told; very many before that.</summary>
    public long Left => Interlocked.Read(ref _left);

    /// <summary>The place of the gateway that it reached last.</summary>
    public int Gateway => _gateway;

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
        var (what, figure) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], long.Parse(line.AsSpan(line.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
        switch (what)
        {
            case "queued":
                _queued.TrySetResult();
                break;
            case "at":
                _gateway = (int)figure;
                break;
            case "left":
                Interlocked.Exchange(ref _left, figure);
                break;
            case "flushed":
                Interlocked.Exchange(ref _left, 0);
                _flushed.TrySetResult(figure);
                break;
        }
    }
}
