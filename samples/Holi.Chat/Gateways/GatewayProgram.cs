using System.Diagnostics;

namespace Holi.Chat.Gateways;

/// <summary>The gateway's program in this checkout, built along with the chat.</summary>
internal static class GatewayProgram
{
    // samples/Holi.Chat/bin/<configuration>/<framework>/
    private static readonly DirectoryInfo Built = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    private static readonly string Dll = Path.GetFullPath(Path.Combine(
        Built.FullName, "..", "..", "..", "..", "..", "src", "Holi.Gateway", "bin", Built.Parent!.Name, Built.Name, "Holi.Gateway.dll"));

    /// <summary>A process of it that is about to start.</summary>
    public static ProcessStartInfo With(params string[] arguments) =>
        File.Exists(Dll)
            ? new("dotnet", [Dll, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true }
            : throw new GatewayMissingException($"No gateway program at {Dll}: build src/Holi.Gateway, or name a running one with --gateway and --token.");

    /// <summary>
    /// A token for whoever asks, signed with the development key in the gateway's data folder. A production app calls its identity provider
    /// here; the person signs in there, and the app never sees a signing key.
    /// </summary>
    public static async ValueTask<string> TokenAsync(string user, CancellationToken cancellation)
    {
        using var process = Process.Start(With("token", "--user", user))!;
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var token = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0 ? token.Trim() : throw new GatewayMissingException($"The gateway gave no token: {await errors}");
    }
}

/// <summary>There is no gateway to talk to, and none could be started.</summary>
internal sealed class GatewayMissingException(string message) : Exception(message);
