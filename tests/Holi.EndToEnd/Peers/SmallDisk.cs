using System.Diagnostics;

namespace Holi.EndToEnd.Peers;

/// <summary>A disk of a few megabytes that can be filled: a tmpfs. Only root may mount one; elsewhere the test is skipped.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Ballast => In("ballast");

    public static SmallDisk Mount(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("holi-disk-").FullName;
        var said = "this is no Linux";
        if (OperatingSystem.IsLinux() && Run("mount", out said, "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700", "tmpfs", path))
            return new SmallDisk(path);
        Directory.Delete(path);
        Assert.Skip($"A small disk cannot be mounted here (that needs root): {said}");
        throw new UnreachableException();
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
    public void MakeReadOnly() => Run("mount", out _, "-o", "remount,ro", Path).ShouldBeTrue();

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
