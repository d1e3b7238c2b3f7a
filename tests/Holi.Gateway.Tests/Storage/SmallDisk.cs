using System.Diagnostics;

namespace Holi.Gateway.Tests.Storage;

/// <summary>A disk in memory that is soon full. Takes root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string? _owner;

    private SmallDisk(string? owner) => _owner = owner;

    public string Path => _folder.Path;

    /// <summary>Null where it cannot be mounted.</summary>
    /// <param name="megabytes">Its size.</param>
    /// <param name="owner">Who may write into its folders, else only us.</param>
    public static SmallDisk? TryMount(int megabytes, string? owner = null)
    {
        var disk = new SmallDisk(owner);
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0755", "tmpfs", disk.Path))
            return disk;
        disk._folder.Dispose();
        return null;
    }

    /// <summary>A folder on it.</summary>
    public string Folder(string name)
    {
        var path = Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;
        if (_owner is not null)
            Run("chown", _owner, path).ShouldBeTrue();
        return path;
    }

    public void Dispose()
    {
        Run("umount", Path);
        _folder.Dispose();
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
