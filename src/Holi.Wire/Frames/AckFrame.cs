using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>The device has stored the topic through the offset.</summary>
public readonly record struct AckEntry(uint Topic, ulong Offset);

/// <summary>
/// What the device has stored (holi.v1.md §8.4): one or more topics, read with <c>foreach</c> over <see cref="Entries"/>,
/// which allocates nothing.
/// </summary>
/// <param name="Pairs">The entries as they travel; a slice of the message.</param>
public readonly record struct AckFrame(ReadOnlySequence<byte> Pairs)
{
    /// <summary>The topics and how far they are stored.</summary>
    public AckReader Entries => new(Pairs);

    /// <summary>Reads a body; every entry is checked here, so that going through them cannot fail.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out AckFrame frame, out Violation violation)
    {
        frame = new(body);
        var pairs = new FieldReader(body, "8.4");
        do
            AckReader.Read(ref pairs);
        while (pairs.HasMore);
        return pairs.End(out violation);
    }

    /// <summary>Writes the whole frame as it was read.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Ack, Pairs.Length);
        fields.Bytes(Pairs);
        fields.End();
    }

    /// <summary>Writes a whole frame of at least one entry.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<AckEntry> entries)
    {
        ArgumentOutOfRangeException.ThrowIfZero(entries.Length);
        var bodyBytes = 0;
        foreach (var entry in entries)
            bodyBytes += FieldSize.Varint(entry.Topic) + FieldSize.Varint(entry.Offset);

        var fields = new FieldWriter(output, FrameKind.Ack, bodyBytes);
        foreach (var entry in entries)
        {
            fields.Varint(entry.Topic);
            fields.Varint(entry.Offset);
        }
        fields.End();
    }
}

/// <summary>Goes through the entries of an <see cref="AckFrame"/>.</summary>
public ref struct AckReader
{
    private FieldReader _pairs;

    internal AckReader(scoped in ReadOnlySequence<byte> pairs) => _pairs = new(pairs, "8.4");

    /// <summary>The entry at hand.</summary>
    public AckEntry Current { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (!_pairs.HasMore)
            return false;
        Current = Read(ref _pairs);
        return true;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly AckReader GetEnumerator() => this;

    internal static AckEntry Read(ref FieldReader pairs) => new(pairs.Number(), pairs.Varint());
}
