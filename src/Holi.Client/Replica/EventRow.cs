namespace Holi.Client.Store;

/// <summary>What is sealed in a row of events, and how its row number is put together: the topic's number, then 40 bits of offset.</summary>
internal readonly ref struct EventRow
{
    private const int OffsetBits = 40;

    /// <summary>10¹² events of one topic; 8 million topics.</summary>
    public const ulong OffsetMax = (1UL << OffsetBits) - 1;

    public ulong Commit { get; private init; }

    public long TimeMs { get; private init; }

    public uint Member { get; private init; }

    public ushort Type { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    public static long RowOf(long topic, ulong offset) => (topic << OffsetBits) | (long)Math.Min(offset, OffsetMax);

    public static long TopicOf(long row) => row >> OffsetBits;

    public static ulong OffsetOf(long row) => (ulong)row & OffsetMax;

    public static void Write(ContentWriter content, ulong commit, long timeMs, uint member, ushort type, ReadOnlySpan<byte> payload) =>
        content.Start().Number(commit).Time(timeMs).Number(member).Number(type).Bytes(payload);

    public static bool TryRead(ReadOnlySpan<byte> bytes, out EventRow row)
    {
        var content = new ContentReader(bytes);
        row = new EventRow
        {
            Commit = content.Number(),
            TimeMs = content.Time(),
            Member = (uint)content.Number(),
            Type = (ushort)content.Number(),
            Payload = content.Rest,
        };
        return !content.Failed;
    }

    public ReplicaEvent ToEvent(string topic, long row) => new(topic, OffsetOf(row), TimeMs, Member, Type, Payload.ToArray());
}
