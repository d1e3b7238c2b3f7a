using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holi.Gateway.Storage;

/// <summary>
/// A small file that remembers one value of fixed size over power failures: two places, written in turn and synced, each with its place in the
/// order of writes and a check, so that a torn write leaves the other. Held open for as long as it is used, which keeps others out.
/// </summary>
internal sealed class MarkFile : IDisposable
{
    // Apart, so that they never share a sector.
    private const int PlaceBytes = 4_096;
    private const int OrderBytes = sizeof(ulong), CheckBytes = 24;

    private readonly FileStream _file;
    private readonly int _valueBytes;
    private ulong _order;

    private MarkFile(FileStream file, int valueBytes) => (_file, _valueBytes) = (file, valueBytes);

    /// <summary>What it said when it was opened; null where it said nothing.</summary>
    public byte[]? Found { get; private set; }

    /// <summary>Opens it, or makes it, readable by its owner alone.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be read.</exception>
    public static MarkFile Open(string path, int valueBytes)
    {
        UnixFiles.MakeFile(path);
        var mark = new MarkFile(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0), valueBytes);
        mark.Read();
        return mark;
    }

    /// <summary>Returns once it is on disk.</summary>
    /// <exception cref="IOException">It may not be.</exception>
    public void Write(ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, _valueBytes);
        Span<byte> bytes = stackalloc byte[_valueBytes + OrderBytes + CheckBytes];
        value.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[_valueBytes..], ++_order);
        Check(bytes[..^CheckBytes], bytes[^CheckBytes..]);
        RandomAccess.Write(_file.SafeFileHandle, bytes, Place(_order));
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
    }

    public void Dispose() => _file.Dispose();

    private void Read()
    {
        Span<byte> bytes = stackalloc byte[_valueBytes + OrderBytes + CheckBytes];
        Span<byte> check = stackalloc byte[CheckBytes];
        for (var place = 0UL; place < 2; place++)
        {
            bytes.Clear();
            RandomAccess.Read(_file.SafeFileHandle, bytes, Place(place));
            Check(bytes[..^CheckBytes], check);
            var order = BinaryPrimitives.ReadUInt64BigEndian(bytes[_valueBytes..]);
            if (order > _order && bytes[^CheckBytes..].SequenceEqual(check))
                (Found, _order) = (bytes[.._valueBytes].ToArray(), order);
        }
    }

    private static long Place(ulong order) => (long)(order % 2) * PlaceBytes;

    private static void Check(ReadOnlySpan<byte> bytes, Span<byte> check)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        hash[..CheckBytes].CopyTo(check);
    }
}
