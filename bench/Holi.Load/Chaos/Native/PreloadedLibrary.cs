using System.Diagnostics;

namespace Holi.Load.Chaos.Native;

/// <summary>
/// A library to be loaded before libc, built here with the C compiler of this machine from the source beside this file. In a folder that other users can
/// read: PostgreSQL does not run as root.
/// </summary>
internal sealed class PreloadedLibrary : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("holi-native-");

    private PreloadedLibrary(string name)
    {
        Path = In(name + ".so");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
    }

    /// <summary>For LD_PRELOAD.</summary>
    public string Path { get; }

    /// <summary>Null where it cannot be built, with what is missing.</summary>
    public static PreloadedLibrary? TryBuild(string name, out string missing)
    {
        missing = "Linux";
        if (!OperatingSystem.IsLinux())
            return null;
        missing = "a C compiler (Debian package gcc)";
        if (!File.Exists("/usr/bin/cc"))
            return null;
        var library = new PreloadedLibrary(name);
        var source = System.IO.Path.Combine(AppContext.BaseDirectory, "Chaos", "Native", name + ".c");
        using var compiler = Process.Start(
            new ProcessStartInfo("/usr/bin/cc", ["-O2", "-shared", "-fPIC", "-o", library.Path, source]) { RedirectStandardError = true })!;
        missing = compiler.StandardError.ReadToEnd().Trim();
        compiler.WaitForExit();
        if (compiler.ExitCode == 0)
            return library;
        library.Dispose();
        return null;
    }

    /// <summary>A file in its folder.</summary>
    public string In(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
