using System.Diagnostics;
using System.Globalization;
using Holi.EndToEnd.Peers;
using Holi.Load.Devices;
using Holi.Load.Gateways;

namespace Holi.EndToEnd.Faults;

/// <summary>A device with the public SDK in a process of its own (<see cref="LineDevice"/>), which can be killed or stopped at any moment.</summary>
internal sealed class DeviceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<int> _queued = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _durable = -1;

    private DeviceProcess(Process process) => _process = process;

    /// <summary>The highest number that the device said is on its disk.</summary>
    public int Durable => Volatile.Read(ref _durable);

    /// <summary>What its outbox held when it started.</summary>
    public Task<int> Queued => _queued.Task;

    /// <summary>Its outbox has become empty.</summary>
    public Task Flushed => _flushed.Task;

    /// <param name="die">The named point at which it dies (<see cref="DyingStore"/>).</param>
    /// <param name="environment">Further variables.</param>
    public static async Task<DeviceProcess> StartAsync(
        GatewayProcess gateway, Uri endpoint, string user, string folder, string conversation, string? die = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] arguments =
        [
            typeof(LineDevice).Assembly.Location, "line-device", "--url", endpoint.ToString(), "--token", gateway.Tokens.For(user),
            "--user", user, "--store", folder, "--conversation", conversation, .. die is null ? [] : new[] { "--die", die },
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        var device = new DeviceProcess(process);
        process.OutputDataReceived += (_, line) => device.Hear(line.Data);
        process.BeginOutputReadLine();
        await Eventually.EndsAsync(device.Queued);
        return device;
    }

    /// <summary>Asks it to queue messages. One that dies at a named point may be gone before it is asked.</summary>
    public void Queue(int from, int count)
    {
        try
        {
            _process.StandardInput.WriteLine(FormattableString.Invariant($"queue {from} {count}"));
        }
        catch (IOException)
        {
            // The pipe broke: the process has ended, which whoever waits for its death will see.
        }
    }

    public void GoOnline() => _process.StandardInput.WriteLine("online");

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public bool HasDied => _process.HasExited;

    /// <summary>It has come to the point at which it dies.</summary>
    public async Task DiedAsync()
    {
        await Eventually.EndsAsync(_process.WaitForExitAsync(TestContext.Current.CancellationToken));
        _process.ExitCode.ShouldBe(128 + 9, "it ended, but not there");
    }

    /// <summary>SIGSTOP or SIGCONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        var words = line?.Split(' ') ?? [""];
        if (words[0] == "queued")
            _queued.TrySetResult(int.Parse(words[1], CultureInfo.InvariantCulture));
        else if (words[0] == "durable")
            Volatile.Write(ref _durable, int.Parse(words[1], CultureInfo.InvariantCulture));
        else if (words[0] == "flushed")
            _flushed.TrySetResult();
    }
}
