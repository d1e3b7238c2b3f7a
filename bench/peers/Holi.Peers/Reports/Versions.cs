using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Holi.Peers.Reports;

/// <summary>The versions of the programs that were measured, as they say themselves.</summary>
internal static partial class Versions
{
    public static string Of(Peer peer) =>
        string.Join(", ", peer.Programs.Select(words => $"{Path.GetFileName(words[0])} {Ask(words)}").Concat(peer.Packages));

    // Some end with an error when they are only asked who they are.
    private static string Ask(string[] words)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
            process.WaitForExit();
            return Number().Match(said) is { Success: true } found ? found.Value : "of an unknown version";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "missing";
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Number();
}
