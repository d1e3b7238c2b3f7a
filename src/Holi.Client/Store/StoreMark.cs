using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Holi.Client.Store;

/// <summary>
/// A small file beside the database, for two things. Held open without sharing, it keeps every other opener out; the system lets go of it
/// when the process dies, however it dies. And it repeats the header and the last committed state: so a database that is older than its mark
/// (a log cut short, a file restored) is noticed, and one whose own state was hit can be read on. It is written after each synced commit without
/// fsync, so after a power cut it may be behind, never ahead.
/// </summary>
internal sealed class StoreMark : IDisposable
{
    // Windows' sharing violation; EWOULDBLOCK on Linux and on Apple's systems.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockApple = 35;

    private const int Prefix = 16; // magic, flag, header bytes, state bytes
    private const int FlagAt = 4;
    private const int MarkBytesMax = 64 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private byte[] _buffer = new byte[1024];

    private readonly string _path;

    private StoreMark(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    private static ReadOnlySpan<byte> Magic => "Holi"u8;

    /// <summary>What the opener of the next time should know.</summary>
    public enum Flag : byte
    {
        None,

        /// <summary>A page could not be read: the next opening copies what can be saved.</summary>
        Damaged,

        /// <summary>A wipe began: the next opening ends it.</summary>
        Wiping,
    }

    /// <summary>Takes the store for this process, or throws <see cref="DeviceStoreFailure.InUse"/>.</summary>
    public static StoreMark Take(StorePaths paths)
    {
        try
        {
            while (true)
            {
                var file = File.OpenHandle(paths.Mark, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (File.Exists(paths.Mark))
                    return new StoreMark(file, paths.Mark);
                file.Dispose(); // a wipe removed it between our opening and our holding it
            }
        }
        catch (IOException inUse) when (inUse.HResult is SharingViolation or WouldBlockLinux or WouldBlockApple)
        {
            throw new DeviceStoreException(DeviceStoreFailure.InUse, "The device store is open elsewhere. Close the other app or store first.", inUse);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw StoreFailures.Of(failed, paths.Folder);
        }
    }

    /// <summary>What the last holder left. Header and state are empty where there is none or it is cut short; whether they are whole their own tags say.</summary>
    public (Flag Flag, byte[] Header, byte[] State) Read()
    {
        var length = RandomAccess.GetLength(_file);
        if (length is < Prefix or > MarkBytesMax)
            return (Flag.None, [], []);
        var bytes = new byte[length];
        RandomAccess.Read(_file, bytes, 0);
        if (!bytes.AsSpan().StartsWith(Magic))
            return (Flag.None, [], []);
        var header = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        var state = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));
        if (Prefix + (long)header + state > length)
            return ((Flag)bytes[FlagAt], [], []);
        return ((Flag)bytes[FlagAt], bytes[Prefix..(int)(Prefix + header)], bytes[(int)(Prefix + header)..(int)(Prefix + header + state)]);
    }

    /// <summary>Records a commit. A failure is left alone: the mark is then behind, as after a power cut.</summary>
    public void Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> state)
    {
        var length = Prefix + header.Length + state.Length;
        if (_buffer.Length < length)
            _buffer = new byte[length * 2];
        Magic.CopyTo(_buffer);
        _buffer.AsSpan(FlagAt, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(8), (uint)header.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(12), (uint)state.Length);
        header.CopyTo(_buffer.AsSpan(Prefix));
        state.CopyTo(_buffer.AsSpan(Prefix + header.Length));
        try
        {
            RandomAccess.Write(_file, _buffer.AsSpan(0, length), 0);
        }
        catch (IOException)
        {
            // A disk that filled up in between. The tag of what lies there now tells the next reader.
        }
    }

    /// <summary>Leaves word for the next opening.</summary>
    public void Raise(Flag flag)
    {
        try
        {
            if (RandomAccess.GetLength(_file) < Prefix)
                RandomAccess.Write(_file, new byte[Prefix], 0);
            RandomAccess.Write(_file, Magic, 0);
            RandomAccess.Write(_file, [(byte)flag], FlagAt);
            RandomAccess.FlushToDisk(_file);
        }
        catch (IOException)
        {
            // Then the next opening finds out by itself.
        }
    }

    /// <summary>Forgets everything, as a store that was never there.</summary>
    public void Clear()
    {
        var zeros = new byte[RandomAccess.GetLength(_file)];
        RandomAccess.Write(_file, zeros, 0);
        RandomAccess.SetLength(_file, 0);
        RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Removes the file. Last, and while it is held: whoever waits for it finds another one.</summary>
    public void Delete() => File.Delete(_path);

    public void Dispose() => _file.Dispose();
}
