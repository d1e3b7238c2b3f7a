using System.Diagnostics;

namespace Holi.Servers;

/// <summary>A disk of a few megabytes that can be filled: a tmpfs. Only root may mount one.</summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Ballast => In("ballast");

    /// <summary>Null where it cannot be mounted, with why.</summary>
    public static SmallDisk? TryMount(int megabytes, out string why)
    {
        var path = Directory.CreateTempSubdirectory("holi-disk-").FullName;
        why = "this is no Linux";
        if (OperatingSystem.IsLinux() && Run("mount", out why, "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755", "tmpfs", path))
            return new SmallDisk(path);
        Directory.Delete(path);
        return null;
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Takes all the space that is left.</summary>
    public void Fill()
    {
        using var ballast = File.Open(Ballast, FileMode.Append);
        var bytes = new byte[4_096];
        try
        {
            while (true)
            {
                ballast.Write(bytes);
                ballast.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>From now on nothing can be written there, not by root either.</summary>
    public void MakeReadOnly()
    {
        if (!Run("mount", out var said, "-o", "remount,ro", Path))
            throw new InvalidOperationException(said);
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        // Lazily: whoever still has a file open keeps it until they close it.
        Run("umount", out _, "-l", Path);
        Directory.Delete(Path);
    }

    private static bool Run(string program, out string said, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            said = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            said = missing.Message;
            return false;
        }
    }
}
