using System.Runtime.InteropServices;

namespace Holi.Peers.Servers;

/// <summary>Where this checkout keeps what is started.</summary>
internal static class Checkout
{
    private const string Net = "net10.0";

    public static string Folder { get; } = Find();

    /// <summary>The .NET peers' program.</summary>
    public static string DotNetPeers => Path.Combine(Folder, "bench", "peers", "Holi.Peers.Servers", "bin", "Release", Net, "Holi.Peers.Servers.dll");

    /// <summary>Socket.IO's program.</summary>
    public static string SocketIo => Path.Combine(Folder, "bench", "peers", "socketio", "server.mjs");

    /// <summary>The gateway's native build, where somebody has made one; compare.sh does.</summary>
    public static string NativeGateway { get; } = Path.Combine(Folder, "src", "Holi.Gateway", "bin", "Release", Net, NativeTarget, "publish", "Holi.Gateway");

    /// <summary>What it is built for: <c>linux-x64</c>, <c>linux-arm64</c>.</summary>
    public static string NativeTarget => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";

    /// <summary>Where the results lie that README shows.</summary>
    public static string Results => Path.Combine(Folder, "bench", "peers", "results");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Holi.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("The comparison runs from a checkout.");
    }
}
