namespace Holi.Client.Store;

/// <summary>The four sealers of one connection and the buffers that their rows pass through. Not thread-safe.</summary>
internal sealed class SealedRows(StoreKeys keys) : IDisposable
{
    private readonly RowSealer _states = keys.Sealer(RowPurpose.State);
    private readonly RowSealer _commands = keys.Sealer(RowPurpose.Command);
    private readonly RowSealer _topics = keys.Sealer(RowPurpose.Topic);
    private readonly RowSealer _events = keys.Sealer(RowPurpose.Event);
    private byte[] _sealed = new byte[4096];
    private byte[] _opened = new byte[4096];

    // The first byte of every sealed row: its purpose in clear, so that a salvage does not try each row as everything.
    private const int PurposeBytes = 1;

    /// <summary>Where content is put together before it is sealed.</summary>
    public ContentWriter Content { get; } = new();

    /// <summary>Seals what <see cref="Content"/> holds. The result is valid until the next call.</summary>
    public ReadOnlySpan<byte> Seal(RowPurpose purpose, long row)
    {
        var sealer = SealerOf(purpose);
        var output = Room(ref _sealed, PurposeBytes + Content.Written.Length + sealer.OverheadBytes);
        output[0] = (byte)purpose;
        sealer.Seal(row, Content.Written, output[PurposeBytes..]);
        return output;
    }

    /// <summary>Opens a row. The content is valid until the next call.</summary>
    public bool TryOpen(RowPurpose purpose, long row, ReadOnlySpan<byte> sealedRow, out ReadOnlySpan<byte> content)
    {
        content = default;
        var sealer = SealerOf(purpose);
        if (sealedRow.Length < PurposeBytes + sealer.OverheadBytes || sealedRow[0] != (byte)purpose)
            return false;
        var output = Room(ref _opened, sealedRow.Length - PurposeBytes - sealer.OverheadBytes);
        if (!sealer.TryOpen(row, sealedRow[PurposeBytes..], output))
            return false;
        content = output;
        return true;
    }

    public void Dispose()
    {
        _states.Dispose();
        _commands.Dispose();
        _topics.Dispose();
        _events.Dispose();
        Array.Clear(_opened);
    }

    private RowSealer SealerOf(RowPurpose purpose) => purpose switch
    {
        RowPurpose.State => _states,
        RowPurpose.Command => _commands,
        RowPurpose.Topic => _topics,
        _ => _events,
    };

    private static Span<byte> Room(ref byte[] buffer, int bytes)
    {
        if (buffer.Length < bytes)
            buffer = new byte[Math.Max(bytes, buffer.Length * 2)];
        return buffer.AsSpan(0, bytes);
    }
}
