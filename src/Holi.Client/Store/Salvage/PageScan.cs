using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Holi.Client.Store;

/// <summary>A row that was found; true where it proved to be what it seemed.</summary>
internal delegate bool RowFound(long row, ReadOnlySpan<byte> sealedRow);

/// <summary>
/// Finds rows in a damaged database and its log without SQLite: looks through every page for what could be a row, and leaves it to the row's own tag
/// to say whether it is one. So whatever is whole is found, however little is left around it. Memory is flat but for the list of the log's frames.
/// </summary>
internal sealed class PageScan : IDisposable
{
    private const int PageBytes = StoreConnection.PageBytes;
    private const int OverflowHeaderBytes = 4;

    private readonly SafeFileHandle? _database;
    private readonly SafeFileHandle? _log;
    private readonly LogFrames _frames;
    private readonly byte[] _page = new byte[PageBytes];
    private readonly byte[] _overflowPage = new byte[PageBytes];
    private byte[] _payload = new byte[PageBytes];

    public PageScan(StorePaths paths)
    {
        _database = OpenIfThere(paths.Database);
        _log = OpenIfThere(paths.Wal);
        _frames = new LogFrames(_log);
    }

    /// <summary>Look at the log's frames behind its last commit too. Only where it is known that something committed is missing.</summary>
    public bool BehindLastCommit { get; set; }

    /// <summary>Calls for each possible row, oldest places first. The same row may come up several times, in several versions.</summary>
    public void Each(RowFound found)
    {
        if (_database is not null)
        {
            for (var at = 0L; ReadPage(_database, _page, at); at += PageBytes)
                EachIn(found);
        }
        if (_log is null)
            return;
        var frames = BehindLastCommit ? _frames.Current : _frames.Committed;
        for (var frame = 0; frame < frames && ReadPage(_log, _page, LogFrames.PageAt(frame)); frame++)
            EachIn(found);
    }

    public void Dispose()
    {
        _database?.Dispose();
        _log?.Dispose();
    }

    private void EachIn(RowFound found)
    {
        for (var record = RowCell.NextRecord(_page, 0); record >= 0; record = RowCell.NextRecord(_page, record + 1))
        {
            // Where the numbers before the record begin is not said: each place is tried.
            for (var at = Math.Max(0, record - RowCell.PrefixBytesMax); at <= record - RowCell.PrefixBytesMin; at++)
            {
                if (RowCell.TryRead(_page, at, record, out var cell))
                    Try(cell, found);
            }
        }
    }

    private void Try(in RowCell cell, RowFound found)
    {
        if (!cell.Overflows)
            found(cell.Row, _page.AsSpan(cell.LocalAt + cell.BlobAt, cell.BlobBytes));
        else if (!FoundAssembled(cell, preferLog: true, found))
            FoundAssembled(cell, preferLog: false, found);
    }

    private bool FoundAssembled(in RowCell cell, bool preferLog, RowFound found) =>
        TryAssemble(cell, preferLog) && found(cell.Row, _payload.AsSpan(cell.BlobAt, cell.BlobBytes));

    private bool TryAssemble(in RowCell cell, bool preferLog)
    {
        if (_payload.Length < cell.PayloadBytes)
            _payload = new byte[cell.PayloadBytes];
        _page.AsSpan(cell.LocalAt, cell.LocalBytes).CopyTo(_payload);
        var next = BinaryPrimitives.ReadUInt32BigEndian(_page.AsSpan(cell.LocalAt + cell.LocalBytes));
        for (var filled = cell.LocalBytes; filled < cell.PayloadBytes;)
        {
            if (next == 0 || !ReadOverflow(next, preferLog))
                return false;
            var take = Math.Min(PageBytes - OverflowHeaderBytes, cell.PayloadBytes - filled);
            _overflowPage.AsSpan(OverflowHeaderBytes, take).CopyTo(_payload.AsSpan(filled));
            filled += take;
            next = BinaryPrimitives.ReadUInt32BigEndian(_overflowPage);
        }
        return true;
    }

    private bool ReadOverflow(uint page, bool preferLog) =>
        preferLog && _frames.TryFindNewest(page, out var frame)
            ? ReadPage(_log!, _overflowPage, LogFrames.PageAt(frame))
            : _database is not null && ReadPage(_database, _overflowPage, (page - 1L) * PageBytes);

    // A page cut short by the end of its file is filled up with zeros: the rows before the cut are whole.
    private static bool ReadPage(SafeFileHandle file, byte[] page, long at)
    {
        var read = RandomAccess.Read(file, page, at);
        Array.Clear(page, read, page.Length - read);
        return read > 0;
    }

    private static SafeFileHandle? OpenIfThere(string path) =>
        File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
}
