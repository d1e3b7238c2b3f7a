using System.Diagnostics;
using Holi.Servers;

namespace Holi.Peers.Servers;

/// <summary>A peer that is one program: a port, a folder of its own, and ready as soon as it accepts connections.</summary>
internal sealed class ProgramServer : IPeerServer
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    private readonly string _folder;
    private readonly int _port;
    private readonly ServerProcess _process;

    private ProgramServer(string folder, int port, ServerProcess process)
    {
        (_folder, _port, _process) = (folder, port, process);
        Parts = [new ServerPart("server", () => [_process.ProcessId])];
    }

    public IReadOnlyList<ServerPart> Parts { get; }

    /// <param name="command">The program and its arguments, given its port and its folder.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<IPeerServer> StartAsync(Func<int, string, IReadOnlyList<string>> command, CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("holi-peer-").FullName;
        var port = ServerProcess.FreePort();
        var words = command(port, folder);
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { WorkingDirectory = folder };
        var server = new ProgramServer(folder, port, new ServerProcess(() => start));
        try
        {
            await server.WaitUntilReadyAsync(cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public int PortOf(int member) => _port;

    public string TokenFor(string user) => "";

    public Task KillAsync() => _process.KillAsync();

    public Task RestartAsync(CancellationToken cancel)
    {
        _process.Restart();
        return WaitUntilReadyAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task WaitUntilReadyAsync(CancellationToken cancel) => _process.ListensAsync(_port, StartTimeout, cancel);
}
