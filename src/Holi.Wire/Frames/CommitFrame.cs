using System.Buffers;

namespace Holi.Wire.Frames;

/// <summary>A command that was refused.</summary>
public readonly record struct Refusal(ulong Seq, HoliCode Code);

/// <summary>
/// Everything up to <paramref name="Committed"/> is on disk (holi.v1.md §7.3). What was refused is read with
/// <c>foreach</c> over <see cref="Refusals"/>, which allocates nothing.
/// </summary>
/// <param name="Committed">The last committed seq.</param>
/// <param name="Pairs">The refusals as they travel; a slice of the message.</param>
public readonly record struct CommitFrame(ulong Committed, ReadOnlySequence<byte> Pairs)
{
    /// <summary>The refused commands.</summary>
    public RefusalReader Refusals => new(Committed, Pairs);

    /// <summary>Reads a body; every pair is checked here, so that going through them cannot fail.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out CommitFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "7.3");
        var committed = fields.Varint();
        frame = new(committed, fields.Rest());
        if (!fields.End(out violation))
            return false;

        var pairs = new FieldReader(frame.Pairs, "7.3");
        while (pairs.HasMore)
            RefusalReader.Read(ref pairs, committed);
        return pairs.End(out violation);
    }

    /// <summary>Writes the whole frame as it was read.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Commit, FieldSize.Varint(Committed) + Pairs.Length);
        fields.Varint(Committed);
        fields.Bytes(Pairs);
        fields.End();
    }

    /// <summary>Writes a whole frame. Each refusal's seq is from 1 to <paramref name="committed"/>.</summary>
    public static void Write(IBufferWriter<byte> output, ulong committed, ReadOnlySpan<Refusal> refusals)
    {
        var bodyBytes = FieldSize.Varint(committed);
        foreach (var refusal in refusals)
            bodyBytes += FieldSize.Varint(committed - refusal.Seq) + FieldSize.Code(refusal.Code);

        var fields = new FieldWriter(output, FrameKind.Commit, bodyBytes);
        fields.Varint(committed);
        foreach (var refusal in refusals)
        {
            fields.Varint(committed - refusal.Seq);
            fields.Code(refusal.Code);
        }
        fields.End();
    }
}

/// <summary>Goes through the refusals of a <see cref="CommitFrame"/>.</summary>
public ref struct RefusalReader
{
    private readonly ulong _committed;
    private FieldReader _pairs;

    internal RefusalReader(ulong committed, scoped in ReadOnlySequence<byte> pairs)
    {
        _committed = committed;
        _pairs = new(pairs, "7.3");
    }

    /// <summary>The refusal at hand.</summary>
    public Refusal Current { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public bool MoveNext()
    {
        if (!_pairs.HasMore)
            return false;
        Current = Read(ref _pairs, _committed);
        return true;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly RefusalReader GetEnumerator() => this;

    // The distance is below committed, because a seq is at least 1.
    internal static Refusal Read(ref FieldReader pairs, ulong committed)
    {
        var back = pairs.Varint();
        if (back >= committed)
            pairs.Fail(HoliCode.BadValue);
        return new(committed - back, pairs.Code());
    }
}
