using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Holi.Gateway.Storage;

/// <summary>What the log needs of files and .NET does not offer: making a folder's entries durable, and telling a file from its copy.</summary>
internal static class UnixFiles
{
    private const int AtCurrentFolder = -100;
    private const uint StatInode = 0x100, StatBirth = 0x800;
    private const int StatBytes = 256, MaskAt = 0, InodeAt = 32, BirthAt = 80;
    private const int ReadOnly = 0;

    /// <summary>Makes <paramref name="folder"/> with 0700 where it is missing, so that it and its missing parents stay after a power failure.</summary>
    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        var parent = Path.GetDirectoryName(folder);
        if (!string.IsNullOrEmpty(parent))
            MakeFolder(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!string.IsNullOrEmpty(parent))
            SyncFolder(parent);
    }

    /// <summary>A file's name is on disk only when its folder is. Windows does this by itself.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var handle = new SafeFileHandle(Open(Utf8(folder), ReadOnly), ownsHandle: true);
        if (handle.IsInvalid)
            throw new IOException("A folder could not be opened.");
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>A file only its owner may read or write; kept as it is where it exists. True where it was made.</summary>
    public static bool MakeFile(string path)
    {
        if (File.Exists(path))
            return false;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Flush(flushToDisk: true);
        return true;
    }

    /// <summary>
    /// Gives <paramref name="from"/> the name <paramref name="to"/>, unless something has it already: then false. .NET's own move looks first and renames
    /// then, so that of two at once the later one replaces what the earlier one has put there.
    /// </summary>
    public static bool TryName(string from, string to)
    {
        if (!OperatingSystem.IsWindows())
            return Link(Utf8(from), Utf8(to)) == 0 || (!File.Exists(to) ? throw new IOException("A file could not be named.") : false);
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    /// <summary>
    /// The file's inode and time of birth: a copy, and thus a restored backup, has others. Null where the system does not tell. The device
    /// number is left out: it may change when a machine starts.
    /// </summary>
    public static string? Identity(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var stat = new byte[StatBytes];
        try
        {
            if (Stat(AtCurrentFolder, Utf8(path), 0, StatInode | StatBirth, stat) != 0)
                return null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
        if ((Read<uint>(stat, MaskAt) & StatInode) == 0)
            return null;
        var born = (Read<uint>(stat, MaskAt) & StatBirth) != 0
            ? $"{Read<long>(stat, BirthAt)}.{Read<uint>(stat, BirthAt + sizeof(long))}"
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Read<ulong>(stat, InodeAt)}-{born}");
    }

    private static T Read<T>(byte[] bytes, int at)
        where T : struct => MemoryMarshal.Read<T>(bytes.AsSpan(at));

    private static byte[] Utf8(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] from, byte[] to);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(int folder, byte[] path, int flags, uint mask, byte[] stat);
}
