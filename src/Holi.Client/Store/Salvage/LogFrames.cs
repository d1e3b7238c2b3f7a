using System.Buffers.Binary;

namespace Holi.Client.Store;

/// <summary>
/// The frames of a write-ahead log (https://sqlite.org/fileformat2.html §4): which hold what was committed, and where the newest version of each page is.
/// Checksums are not looked at: SQLite drops everything behind the first damaged frame, but the rows in the frames behind it are whole,
/// and each proves itself.
/// </summary>
internal sealed class LogFrames
{
    public const int FrameHeaderBytes = 24;

    private const int LogHeaderBytes = 32;
    private const int SaltAt = 16;
    private const int FrameSaltAt = 8;
    private const int FrameBytes = FrameHeaderBytes + StoreConnection.PageBytes;

    private readonly List<(uint Page, bool Commits, ulong Salt)> _frames = [];
    private readonly Dictionary<uint, int> _newest = [];

    public LogFrames(Microsoft.Win32.SafeHandles.SafeFileHandle? log)
    {
        if (log is null)
            return;
        Span<byte> header = stackalloc byte[LogHeaderBytes];
        if (RandomAccess.Read(log, header, 0) < LogHeaderBytes)
            return;
        var headerSalt = BinaryPrimitives.ReadUInt64BigEndian(header[SaltAt..]);
        Span<byte> frame = stackalloc byte[FrameHeaderBytes];
        for (var at = (long)LogHeaderBytes; RandomAccess.Read(log, frame, at) == FrameHeaderBytes; at += FrameBytes)
        {
            _frames.Add((BinaryPrimitives.ReadUInt32BigEndian(frame), BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0,
                BinaryPrimitives.ReadUInt64BigEndian(frame[FrameSaltAt..])));
        }
        var salt = SaltOf(headerSalt);
        Current = 1 + _frames.FindLastIndex(each => each.Salt == salt);
        Committed = 1 + _frames.FindLastIndex(each => each.Salt == salt && each.Commits);
        for (var index = 0; index < Committed; index++)
            _newest[_frames[index].Page] = index;
    }

    /// <summary>Frames through the last commit.</summary>
    public int Committed { get; }

    /// <summary>Frames through the last that belongs to this log: those behind <see cref="Committed"/> were never committed, or their commit frame is damaged.</summary>
    public int Current { get; }

    /// <summary>Where a frame's page begins in the log.</summary>
    public static long PageAt(int frame) => LogHeaderBytes + ((long)frame * FrameBytes) + FrameHeaderBytes;

    public bool TryFindNewest(uint page, out int frame) => _newest.TryGetValue(page, out frame);

    // A log begins anew over its old frames, under another salt. The header names the present one; where the header itself was hit, the first frames do.
    private ulong SaltOf(ulong header) =>
        _frames.Count > 1 && _frames[0].Salt != header && _frames[0].Salt == _frames[1].Salt ? _frames[0].Salt : header;
}
