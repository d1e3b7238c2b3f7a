using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Holi.Servers;

/// <summary>
/// A server of somebody else's making, in a process group of its own, on a free port of the loopback, with its data in a temporary folder that
/// goes with it. It can be killed, stopped and continued with all of its children. Only what was started here is ever signalled.
/// </summary>
public sealed class ServerProcess
{
    private readonly Func<ProcessStartInfo> _start;
    private Process _process;

    /// <param name="start">What to run; the program must not fork itself away.</param>
    public ServerProcess(Func<ProcessStartInfo> start) => (_start, _process) = (start, Launch(start()));

    /// <summary>Its process's id: setsid runs the program in its own place.</summary>
    public int ProcessId => _process.Id;

    /// <summary>True once it is gone, for whatever reason.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it has said so far, for when something goes wrong.</summary>
    public string Output { get; private set; } = "";

    /// <summary>SIGKILL to all of them: nothing is flushed.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, or another signal, to the server alone; waits for its end.</summary>
    public async Task StopAsync(string signal = "TERM")
    {
        if (!_process.HasExited)
            await SendAsync(signal, Id(_process.Id));
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: it hangs, and its sockets stay open.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>After its end: the same again.</summary>
    public void Restart() => _process = Launch(_start());

    /// <summary>Waits until it listens on the loopback. Throws with what it said where it ends before, or does not in time.</summary>
    public async Task ListensAsync(int port, TimeSpan patience, CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, cancel);
                return;
            }
            catch (SocketException) when (!HasExited && Stopwatch.GetElapsedTime(began) < patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancel);
            }
            catch (SocketException failed)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The server did not start on port {port}: {Output.Trim()}"), failed);
            }
        }
    }

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Runs a program to its end; throws with what it said where it fails.</summary>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var errors = await process.StandardError.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await output}\n{errors}");
    }

    // One by one: PostgreSQL's children each begin a process group of their own. The parent is stopped first, so that it starts no more of them.
    private async Task SignalAsync(string signal)
    {
        if (_process.HasExited)
            return;
        await SendAsync(signal == "KILL" ? "STOP" : signal, Id(_process.Id));
        foreach (var child in Children(_process.Id))
            await TrySendAsync(signal, Id(child));
        if (signal == "KILL")
            await SendAsync(signal, Id(_process.Id));
    }

    private static async Task TrySendAsync(string signal, string target)
    {
        try
        {
            await SendAsync(signal, target);
        }
        catch (InvalidOperationException)
        {
            // Gone by itself.
        }
    }

    private static List<int> Children(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && ParentOf(folder) == parent)
                children.Add(id);
        }
        return children;
    }

    // "id (name) state parent …", where a name may hold anything.
    private static int ParentOf(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            return int.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static Task SendAsync(string signal, string target) => RunAsync("kill", ["-" + signal, "--", target], CancellationToken.None);

    private static string Id(int id) => id.ToString(CultureInfo.InvariantCulture);

    private Process Launch(ProcessStartInfo start)
    {
        // A group of its own, so that a signal reaches its children too, and only them.
        var own = new ProcessStartInfo("setsid", [start.FileName, .. start.ArgumentList])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = start.WorkingDirectory,
        };
        var process = Process.Start(own)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Note(string? line)
    {
        const int kept = 64 * 1024;
        if (line is null)
            return;
        var output = Output + line + "\n";
        Output = output.Length > kept ? output[^kept..] : output;
    }
}
