namespace Holi.Client.Store;

/// <summary>
/// What is sealed in a row of the outbox: everything about a command but its present seq, which <see cref="SeqRuns"/> knows. Of the seq it was queued
/// under it keeps a note, for the case that the store's state is lost.
/// </summary>
internal readonly ref struct OutboxRow
{
    public ulong Commit { get; private init; }

    public uint QueuedGeneration { get; private init; }

    public ulong QueuedSeq { get; private init; }

    public long QueuedAtMs { get; private init; }

    public ushort Type { get; private init; }

    public string Topic { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    public static void Write(ContentWriter content, ulong commit, uint generation, OutboxCommand command)
    {
        var (queuedGeneration, queuedSeq) = command.FirstGeneration != 0 ? (command.FirstGeneration, command.FirstSeq) : (generation, command.Seq);
        content.Start().Number(commit).Number(queuedGeneration).Number(queuedSeq).Time(command.QueuedAtMs).Number(command.Type)
            .Text(command.Topic).Bytes(command.Payload);
    }

    /// <summary>The same command with another payload.</summary>
    public static void Rewrite(ContentWriter content, ulong commit, in OutboxRow row, ReadOnlySpan<byte> payload) =>
        content.Start().Number(commit).Number(row.QueuedGeneration).Number(row.QueuedSeq).Time(row.QueuedAtMs).Number(row.Type)
            .Text(row.Topic).Bytes(payload);

    public static bool TryRead(ReadOnlySpan<byte> bytes, out OutboxRow row)
    {
        var content = new ContentReader(bytes);
        row = new OutboxRow
        {
            Commit = content.Number(),
            QueuedGeneration = (uint)content.Number(),
            QueuedSeq = content.Number(),
            QueuedAtMs = content.Time(),
            Type = (ushort)content.Number(),
            Topic = content.Text(),
            Payload = content.Rest,
        };
        return !content.Failed;
    }

    /// <summary>The command as it stands in a run that starts with its row.</summary>
    public OutboxCommand ToCommand(in SeqRun at) => new(at.Seq, at.FirstGeneration, at.FirstSeq, Topic, Type, Payload.ToArray(), QueuedAtMs);
}
