using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>How far a member has received and read a topic.</summary>
public readonly record struct ReceiptEntry(uint Member, ulong Delivered, ulong Read);

/// <summary>
/// Positions of a topic's members (holi.v1.md §9.2): one or more, read with <c>foreach</c> over <see cref="Entries"/>, which
/// allocates nothing.
/// </summary>
/// <param name="Topic">The topic's number.</param>
/// <param name="Triples">The entries as they travel; a slice of the message.</param>
public readonly record struct ReceiptsFrame(uint Topic, ReadOnlySequence<byte> Triples)
{
    /// <summary>The members and their positions.</summary>
    public ReceiptReader Entries => new(Triples);

    /// <summary>Reads a body; every entry is checked here, so that going through them cannot fail.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out ReceiptsFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "9.2");
        frame = new(fields.Number(), fields.Rest());
        if (!fields.End(out violation))
            return false;

        var triples = new FieldReader(frame.Triples, "9.2");
        do
            ReceiptReader.Read(ref triples);
        while (triples.HasMore);
        return triples.End(out violation);
    }

    /// <summary>Writes the whole frame as it was read.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Receipts, FieldSize.Varint(Topic) + Triples.Length);
        fields.Varint(Topic);
        fields.Bytes(Triples);
        fields.End();
    }

    /// <summary>Writes a whole frame of at least one entry.</summary>
    public static void Write(IBufferWriter<byte> output, uint topic, ReadOnlySpan<ReceiptEntry> entries)
    {
        ArgumentOutOfRangeException.ThrowIfZero(entries.Length);
        var bodyBytes = FieldSize.Varint(topic);
        foreach (var entry in entries)
            bodyBytes += FieldSize.Varint(entry.Member) + FieldSize.Varint(entry.Delivered) + FieldSize.Varint(entry.Read);

        var fields = new FieldWriter(output, FrameKind.Receipts, bodyBytes);
        fields.Varint(topic);
        foreach (var entry in entries)
        {
            fields.Varint(entry.Member);
            fields.Varint(entry.Delivered);
            fields.Varint(entry.Read);
        }
        fields.End();
    }
}

/// <summary>Goes through the entries of a <see cref="ReceiptsFrame"/>.</summary>
public ref struct ReceiptReader
{
    private FieldReader _triples;

    internal ReceiptReader(scoped in ReadOnlySequence<byte> triples) => _triples = new(triples, "9.2");

    /// <summary>The entry at hand.</summary>
    public ReceiptEntry Current { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (!_triples.HasMore)
            return false;
        Current = Read(ref _triples);
        return true;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly ReceiptReader GetEnumerator() => this;

    internal static ReceiptEntry Read(ref FieldReader triples) => new(triples.Number(), triples.Varint(), triples.Varint());
}
