using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Holi.Servers;

namespace Holi.Load.Gateways;

/// <summary>
/// A gateway of the load's own, in another process, on a free port, with its data in a temporary folder. It can be killed as hard as
/// the kernel allows and started again on the same data.
/// </summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly string _program;
    private readonly string _folder;
    private readonly int _port;
    private readonly byte[] _key;
    private readonly TimeProvider _time;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private Process _process;
    private TimeSpan _cpuOfEarlierLives;

    private GatewayProcess(
        string program, string folder, int port, byte[] key, TimeProvider time, IReadOnlyDictionary<string, string> settings,
        IReadOnlyDictionary<string, string> environment)
    {
        (_program, _folder, _port, _key, _time, _settings, _environment) = (program, folder, port, key, time, settings, environment);
        _process = Launch(null);
    }

    public Uri Endpoint => new($"ws://127.0.0.1:{_port}/v1/ws");

    /// <summary>The id of the process that lives now.</summary>
    public int Id => _process.Id;

    /// <summary>Where its log lies.</summary>
    public string DataFolder => _folder;

    /// <summary>What it has said, in all its lives.</summary>
    public string LogFile => Path.Combine(_folder, "gateway.log");

    /// <summary>The HS256 key that it was given.</summary>
    public byte[] Key => _key;

    public LoadTokens Tokens => new(_key, "holi", "holi", _time);

    /// <summary>Processor time of all its lives so far, user and system.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _cpuOfEarlierLives + _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory now, in bytes.</summary>
    public long RssBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Threads now.</summary>
    public int Threads
    {
        get
        {
            _process.Refresh();
            return _process.Threads.Count;
        }
    }

    /// <summary>Open files and sockets now.</summary>
    public int Handles => Directory.GetFiles($"/proc/{_process.Id.ToString(CultureInfo.InvariantCulture)}/fd").Length;

    /// <summary>Starts one and waits until it is ready.</summary>
    /// <param name="settings">Further settings, by their names in the environment without <c>HOLI_</c>.</param>
    /// <param name="key">The HS256 key that it shares with others; without one it has a key of its own.</param>
    /// <param name="environment">Of its process.</param>
    public static async Task<GatewayProcess> StartAsync(
        string? program, TimeProvider time, CancellationToken cancel, IReadOnlyDictionary<string, string>? settings = null, byte[]? key = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var folder = Directory.CreateTempSubdirectory("holi-load-").FullName;
        var gateway = new GatewayProcess(
            program ?? await FindAsync(cancel), folder, ServerProcess.FreePort(), key ?? RandomNumberGenerator.GetBytes(32), time,
            settings ?? new Dictionary<string, string>(), environment ?? new Dictionary<string, string>());
        await gateway.WaitUntilReadyAsync(cancel);
        return gateway;
    }

    /// <summary>SIGKILL: nothing is flushed, nothing is said.</summary>
    public async Task KillAsync()
    {
        _process.Refresh();
        if (!_process.HasExited)
            _cpuOfEarlierLives += _process.TotalProcessorTime;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>SIGTERM: it drains. The exit code is returned.</summary>
    public async Task<int> StopAsync(CancellationToken cancel)
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync(cancel);
        return _process.ExitCode;
    }

    /// <summary>SIGSTOP: it stands still and its sockets stay open.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>After <see cref="KillAsync"/> or a stop: a new process on the same data and port.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <param name="life">How this life of it is other than the rest.</param>
    public async Task RestartAsync(CancellationToken cancel, GatewayLife? life = null)
    {
        _process = Launch(life);
        await WaitUntilReadyAsync(cancel);
    }

    /// <summary>What <c>/v1/status</c> says.</summary>
    public async Task<JsonDocument> StatusAsync(CancellationToken cancel)
    {
        await using var body = await _http.GetStreamAsync(new Uri($"http://127.0.0.1:{_port}/v1/status"), cancel);
        return await JsonDocument.ParseAsync(body, default, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Stops it, in whatever state it is: SIGTERM, and SIGKILL where that does not help in time.</summary>
    public async Task StopAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                await SignalAsync("TERM");
                await SignalAsync("CONT");
                using var patience = new CancellationTokenSource(StopTimeout, _time);
                await _process.WaitForExitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // Already killed and disposed of: nothing is left to stop.
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private Process Launch(GatewayLife? life)
    {
        var program = life?.Program ?? _program;
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true };
        if (program.EndsWith(".dll", StringComparison.Ordinal))
        {
            start.FileName = "dotnet";
            start.ArgumentList.Add(program);
        }
        else
        {
            start.FileName = program;
        }
        start.Environment["HOLI_DataFolder"] = _folder;
        start.Environment["HOLI_Urls"] = $"http://127.0.0.1:{_port}";
        start.Environment["HOLI_Auth__Key"] = Convert.ToBase64String(_key);
        start.Environment["HOLI_Auth__Issuer"] = "holi";
        start.Environment["HOLI_Auth__Audience"] = "holi";
        foreach (var (name, value) in _settings)
            start.Environment["HOLI_" + name] = value;
        foreach (var (name, value) in _environment.Concat(life?.Environment ?? new Dictionary<string, string>()))
            start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var log = new StreamWriter(LogFile, append: true) { AutoFlush = true };
        process.OutputDataReceived += (_, line) => Note(log, line.Data);
        process.ErrorDataReceived += (_, line) => Note(log, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static void Note(StreamWriter log, string? line)
    {
        if (line is null)
            return;
        lock (log)
            log.WriteLine(line);
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = _time.CreateTimer(_ => patience.Cancel(), null, StartTimeout, Timeout.InfiniteTimeSpan);
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The gateway ended with {_process.ExitCode}:\n{await ReadLogAsync(cancel)}");
            try
            {
                using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_port}/healthz/ready"), patience.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time, patience.Token);
        }
    }

    private async Task<string> ReadLogAsync(CancellationToken cancel)
    {
        await using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        return await reader.ReadToEndAsync(cancel);
    }

    /// <summary>The gateway of this checkout: the Release build beside this one, built first where it is missing.</summary>
    internal static async Task<string> FindAsync(CancellationToken cancel)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Holi.sln")))
                continue;
            var project = Path.Combine(folder.FullName, "src", "Holi.Gateway");
            var program = Path.Combine(project, "bin", "Release", "net10.0", "Holi.Gateway.dll");
            if (!File.Exists(program))
            {
                Console.Error.WriteLine("Building the gateway …");
                using var build = Process.Start(
                    new ProcessStartInfo("dotnet", ["build", project, "-c", "Release", "--nologo", "-v", "q"]) { RedirectStandardOutput = true })!;
                var output = await build.StandardOutput.ReadToEndAsync(cancel);
                await build.WaitForExitAsync(cancel);
                if (build.ExitCode != 0)
                    throw new InvalidOperationException($"The gateway did not build:\n{output}");
            }
            return program;
        }
        throw new InvalidOperationException("No gateway was found beside this program: name one with --gateway PATH or --url.");
    }
}

/// <summary>One life of a gateway that is other than the rest.</summary>
/// <param name="Program">Another program; null: the same.</param>
/// <param name="Environment">What is added to its environment.</param>
internal sealed record GatewayLife(string? Program, IReadOnlyDictionary<string, string> Environment);
