using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Holi.Servers;

/// <summary>A private Redis: Debian's package, in memory only, its own port and folder.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private readonly ServerProcess _process;

    private RedisServer(string folder, int port, ServerProcess process) => (_folder, Port, _process) = (folder, port, process);

    public int Port { get; }

    /// <summary>For StackExchange.Redis.</summary>
    public string Configuration => $"127.0.0.1:{Port}";

    public ServerProcess Process => _process;

    /// <summary>True where the program is installed.</summary>
    public static bool IsInstalled => File.Exists("/usr/bin/redis-server");

    /// <param name="arguments">Further arguments, such as <c>--requirepass</c>.</param>
    public static async Task<RedisServer> StartAsync(CancellationToken cancel, params string[] arguments)
    {
        if (!IsInstalled)
            throw new InvalidOperationException("Redis is not installed: apt-get install redis-server.");
        var folder = Directory.CreateTempSubdirectory("holi-redis-").FullName;
        var port = ServerProcess.FreePort();
        var start = new ProcessStartInfo(
            "/usr/bin/redis-server",
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", .. arguments])
        {
            WorkingDirectory = folder,
        };
        var server = new RedisServer(folder, port, new ServerProcess(() => start));
        await server.WaitUntilReadyAsync(cancel);
        return server;
    }

    /// <summary>After a kill or a stop: the same port, and nothing of what it held.</summary>
    public Task RestartAsync(CancellationToken cancel)
    {
        _process.Restart();
        return WaitUntilReadyAsync(cancel);
    }

    /// <summary>One command without blanks in its words, such as <c>CLIENT KILL TYPE pubsub</c>; returns the first line of the answer.</summary>
    public async Task<string> SayAsync(string command, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port, cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancel);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadLineAsync(cancel) ?? throw new IOException("Redis hung up.");
        return answer.StartsWith('-') ? throw new InvalidOperationException($"Redis refused {command}: {answer}") : answer;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.ResumeAsync();
        await _process.KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task WaitUntilReadyAsync(CancellationToken cancel) => _process.ListensAsync(Port, StartTimeout, cancel);
}
