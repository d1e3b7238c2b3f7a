namespace Holi.Client.Store;

/// <summary>
/// One row as it lies in a leaf page of SQLite's table b-tree (https://sqlite.org/fileformat2.html §1.6, §2.1): payload length, row number, record header,
/// values. Ours are (NULL in place of the row number, blob) or (NULL, integer, blob). Nothing but the cell itself is looked at:
/// not the page's header, nor its list of cells, nor the tree above it, so none of them need be whole.
/// </summary>
internal readonly record struct RowCell(long Row, int PayloadBytes, int BlobAt, int BlobBytes, int LocalAt, int LocalBytes)
{
    /// <summary>Fewest and most bytes of the two numbers before a record.</summary>
    public const int PrefixBytesMin = 2;
    public const int PrefixBytesMax = 12;

    private const int UsableBytes = StoreConnection.PageBytes; // no reserved bytes at a page's end
    private const int LocalBytesMax = UsableBytes - 35;
    private const int LocalBytesMin = ((UsableBytes - 12) * 32 / 255) - 23;
    private const int OverflowPageBytes = UsableBytes - 4;
    private const int PayloadBytesMax = 1 << 20;
    private const int RecordHeaderBytesMin = 3;
    private const int RecordHeaderBytesMax = 8;
    private const byte NullType = 0;
    private const ulong FirstBlobType = 12;

    /// <summary>Bytes of a number of each serial type 0 to 9.</summary>
    private static ReadOnlySpan<byte> NumberBytes => [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

    /// <summary>True where the rest of the payload lies in a chain of overflow pages, whose first number stands behind the local bytes.</summary>
    public bool Overflows => LocalBytes < PayloadBytes;

    /// <summary>
    /// The next place from <paramref name="from"/> on where a record of ours may begin: a small header length, then the type NULL. −1 where there is none.
    /// Among sealed bytes that is one place in ten thousand, so a page costs little more than a search for zeros.
    /// </summary>
    public static int NextRecord(ReadOnlySpan<byte> page, int from)
    {
        for (var zero = Math.Max(from + 1, PrefixBytesMin + 1); zero < page.Length; zero++)
        {
            var skip = page[zero..].IndexOf(NullType);
            if (skip < 0)
                return -1;
            zero += skip;
            if (page[zero - 1] is >= RecordHeaderBytesMin and <= RecordHeaderBytesMax)
                return zero - 1;
        }
        return -1;
    }

    /// <summary>
    /// Reads the row whose record begins at <paramref name="record"/> and whose payload length and row number begin at <paramref name="at"/>. False where it cannot
    /// be a row of ours; true means only that its lengths agree.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> page, int at, int record, out RowCell cell)
    {
        cell = default;
        if (!TryReadVarint(page, ref at, out var payload) || payload is < RecordHeaderBytesMin or > PayloadBytesMax
            || !TryReadVarint(page, ref at, out var row) || at != record || record + page[record] > page.Length)
        {
            return false;
        }
        int headerBytes = page[record];
        at = record + 2;
        var number = page[at] < NumberBytes.Length ? NumberBytes[page[at++]] : 0;
        if (!TryReadVarint(page, ref at, out var type) || type < FirstBlobType || type % 2 != 0)
            return false;
        var blob = (type - FirstBlobType) / 2;
        if (at != record + headerBytes || payload != (ulong)(headerBytes + number) + blob)
            return false;
        var local = LocalOf((int)payload);
        cell = new RowCell((long)row, (int)payload, headerBytes + number, (int)blob, record, local);
        return record + local + (cell.Overflows ? sizeof(uint) : 0) <= page.Length;
    }

    private static int LocalOf(int payload)
    {
        if (payload <= LocalBytesMax)
            return payload;
        var local = LocalBytesMin + ((payload - LocalBytesMin) % OverflowPageBytes);
        return local <= LocalBytesMax ? local : LocalBytesMin;
    }

    // SQLite's own: most significant bits first, the ninth byte whole.
    private static bool TryReadVarint(ReadOnlySpan<byte> page, ref int at, out ulong value)
    {
        value = 0;
        for (var count = 1; at < page.Length; count++)
        {
            var next = page[at++];
            if (count == 9)
            {
                value = (value << 8) | next;
                return true;
            }
            value = (value << 7) | (uint)(next & 0x7F);
            if (next < 0x80)
                return true;
        }
        return false;
    }
}
