using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Holi.Servers;

/// <summary>A private PostgreSQL: Debian's package, a fresh cluster (a copied <c>initdb</c>), its own folder and port. Durable as shipped: fsync is on.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly SemaphoreSlim TemplateTurn = new(1, 1);

    private readonly string _folder;
    private readonly ServerProcess _process;

    private PostgresServer(string folder, int port, ServerProcess process) => (_folder, Port, _process) = (folder, port, process);

    public int Port { get; }

    /// <summary>Its data directory.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>For Npgsql; the user may do everything.</summary>
    public string ConnectionString => ConnectionStringAt(Port);

    /// <summary>The same at another port: that of a proxy in front of it.</summary>
    public static string ConnectionStringAt(int port) => $"Host=127.0.0.1;Port={port};Database=postgres;Username=postgres";

    /// <summary>For psql and other programs.</summary>
    public string Url => $"postgresql://postgres@127.0.0.1:{Port}/postgres";

    public ServerProcess Process => _process;

    /// <summary>The server's program; null where it is not installed.</summary>
    public static string? Program => FindBin() is { } bin ? Path.Combine(bin, "postgres") : null;

    /// <summary>True where the programs are installed.</summary>
    public static bool IsInstalled => FindBin() is not null;

    /// <summary>Starts one and waits until it answers.</summary>
    public static Task<PostgresServer> StartAsync(CancellationToken cancel, params string[] settings) => StartUnderAsync(null, settings, cancel);

    /// <param name="under">The folder for its own; null: the temporary one.</param>
    /// <param name="settings">Further lines of postgresql.conf, <c>name=value</c>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="environment">What is added to its environment; null: nothing.</param>
    public static async Task<PostgresServer> StartUnderAsync(
        string? under, IReadOnlyList<string> settings, CancellationToken cancel, IReadOnlyDictionary<string, string>? environment = null)
    {
        var bin = FindBin() ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql.");
        var folder = under is null
            ? Directory.CreateTempSubdirectory("holi-postgres-").FullName
            : Directory.CreateDirectory(Path.Combine(under, "postgres")).FullName;
        var template = await TemplateAsync(bin, cancel);
        await ServerProcess.RunAsync("cp", ["-a", template, Path.Combine(folder, "data")], cancel);
        if (IsRoot)
            await ServerProcess.RunAsync("chown", ["postgres:postgres", folder], cancel);
        var port = ServerProcess.FreePort();
        string[] arguments =
        [
            "-D", Path.Combine(folder, "data"), "-p", port.ToString(CultureInfo.InvariantCulture), "-k", folder,
            "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", .. settings.SelectMany(s => new[] { "-c", s }),
        ];
        var process = new ServerProcess(() => As(
            folder, "/usr/bin/env", [.. (environment ?? new Dictionary<string, string>()).Select(variable => $"{variable.Key}={variable.Value}"), Path.Combine(bin, "postgres"), .. arguments]));
        var server = new PostgresServer(folder, port, process);
        await server.WaitUntilReadyAsync(bin, cancel);
        return server;
    }

    /// <summary>After a kill or a stop: the same cluster on the same port, recovered.</summary>
    public async Task RestartAsync(CancellationToken cancel)
    {
        // What a killed postmaster left is not another server that still runs.
        File.Delete(Path.Combine(DataFolder, "postmaster.pid"));
        _process.Restart();
        await WaitUntilReadyAsync(FindBin()!, cancel);
    }

    /// <summary>Waits until it answers again by itself; where it has ended, starts it.</summary>
    public async Task RecoverAsync(CancellationToken cancel)
    {
        try
        {
            await WaitUntilReadyAsync(FindBin()!, cancel);
        }
        catch (InvalidOperationException) when (_process.HasExited)
        {
            await RestartAsync(cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.ResumeAsync();
        await _process.KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool IsRoot => Environment.UserName == "root";

    private async Task WaitUntilReadyAsync(string bin, CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ServerProcess.RunAsync(
                    Path.Combine(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture)], cancel);
                return;
            }
            catch (InvalidOperationException) when (!_process.HasExited && Stopwatch.GetElapsedTime(began) < StartTimeout)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancel);
            }
            catch (InvalidOperationException failed)
            {
                throw new InvalidOperationException($"PostgreSQL did not start:\n{_process.Output}", failed);
            }
        }
    }

    // initdb takes a second, a copy of what it made a tenth: made once for each user and version, and kept.
    private static async Task<string> TemplateAsync(string bin, CancellationToken cancel)
    {
        await TemplateTurn.WaitAsync(cancel);
        try
        {
            var version = Path.GetFileName(Path.GetDirectoryName(bin))!;
            var template = Path.Combine(Path.GetTempPath(), $"holi-initdb-{version}-{Environment.UserName}");
            if (Directory.Exists(template))
                return template;
            var making = Directory.CreateTempSubdirectory("holi-initdb-making-").FullName;
            if (IsRoot)
                await ServerProcess.RunAsync("chown", ["postgres:postgres", making], cancel);
            var start = As(
                making, Path.Combine(bin, "initdb"),
                ["-D", making, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
            await ServerProcess.RunAsync(start.FileName, start.ArgumentList, cancel);
            try
            {
                Directory.Move(making, template);
            }
            catch (IOException) when (Directory.Exists(template))
            {
                // Another process was faster.
                Directory.Delete(making, recursive: true);
            }
            return template;
        }
        finally
        {
            TemplateTurn.Release();
        }
    }

    // PostgreSQL refuses to run as root.
    private static ProcessStartInfo As(string folder, string program, IReadOnlyList<string> arguments)
    {
        var start = IsRoot
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = folder;
        return start;
    }

    private static string? FindBin()
    {
        const string debian = "/usr/lib/postgresql";
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux) || !Directory.Exists(debian))
            return null;
        return Directory.GetDirectories(debian)
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")));
    }
}
