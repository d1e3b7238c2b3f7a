namespace Holi.EndToEnd.Peers;

/// <summary>The checkout that these tests were built in.</summary>
internal static class Checkout
{
    public static string Folder { get; } = Find();

    /// <summary>The gateway's Release build.</summary>
    public static string Gateway => Path.Combine(Folder, "src", "Holi.Gateway", "bin", "Release", "net10.0", "Holi.Gateway.dll");

    /// <summary>A program that is the gateway with further variables in its environment.</summary>
    public static string GatewayWith(TempFolder folder, IReadOnlyDictionary<string, string> environment)
    {
        var script = folder.In("gateway");
        var variables = string.Join(' ', environment.Select(variable => $"{variable.Key}={variable.Value}"));
        File.WriteAllText(script, $"#!/bin/sh\nexec env {variables} dotnet {Gateway}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Holi.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("These tests run from a checkout.");
    }
}
