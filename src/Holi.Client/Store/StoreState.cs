using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Client.Store;

/// <summary>
/// All that changes about a store besides its commands and its topics, sealed as one row and rewritten by every transaction. Cloned, changed,
/// committed, then published: a published state is never changed.
/// </summary>
internal sealed class StoreState
{
    /// <summary>Of the file's tables: see <see cref="Migrations"/>. 0 before there are any.</summary>
    public int Layout { get; set; }

    /// <summary>A hash of the tables' definitions and of where they begin: a bit changed there can make SQLite read every row amiss, without a word.</summary>
    public ulong LayoutHash { get; set; }

    /// <summary>How many transactions there were. Every row carries the number of the one that wrote it: the higher is the newer.</summary>
    public ulong Commits { get; set; }

    /// <summary>
    /// The generation that a gateway gave; before, one of the store's own (§6.4). Were this store copied before it was ever connected, the
    /// gateway would know the copies' commands by it.
    /// </summary>
    public uint Generation { get; set; }

    /// <summary>It is the store's own, or damage made its seqs untrustworthy: a new one is needed.</summary>
    public bool NeedsGeneration { get; set; }

    public ulong LastAssigned { get; set; }

    public ulong Known { get; set; }

    public CommandDigest Digest { get; set; }

    public ulong SendFloor { get; set; }

    /// <summary>Sockets through this number may have been said to a gateway. Read as 0 in the file of a version that did not count them.</summary>
    public ulong Openings { get; set; }

    /// <summary>Payload bytes of all queued commands.</summary>
    public long QueuedBytes { get; set; }

    /// <summary>The row of the next command. Rows are never used twice.</summary>
    public long NextRow { get; set; } = 1;

    /// <summary>The number of the next topic or of an old one's next epoch. Never used twice.</summary>
    public long NextTopic { get; set; } = 1;

    public SeqRuns Runs { get; private set; } = new();

    /// <summary>Rows before this one hold nothing that is still queued.</summary>
    public long FirstRow => Runs.All.Count > 0 ? Runs.All[0].Row : NextRow;

    /// <summary>The state of a store that holds nothing.</summary>
    public static StoreState New() => new()
    {
        Generation = WireLimits.OwnGenerationMin + (uint)RandomNumberGenerator.GetInt32((int)(uint.MaxValue - WireLimits.OwnGenerationMin) + 1),
        NeedsGeneration = true,
    };

    public StoreState Clone()
    {
        var clone = (StoreState)MemberwiseClone();
        clone.Runs = Runs.Clone();
        return clone;
    }

    /// <summary>Numbers the queued commands anew, leaving out <paramref name="lost"/> rows.</summary>
    public void Renumber(uint generation, IReadOnlyCollection<long> lost)
    {
        Runs = Runs.Renumbered(Generation, lost);
        Generation = generation;
        NeedsGeneration = false;
        LastAssigned = Runs.All.Count > 0 ? Runs.All[^1].LastSeq : 0;
        Known = 0;
        Digest = default;
        SendFloor = 0;
    }

    public void Write(ContentWriter content)
    {
        Span<byte> digest = stackalloc byte[CommandDigest.Bytes];
        Digest.CopyTo(digest);
        content.Number((ulong)Layout).Number(LayoutHash).Number(Commits).Number(Generation).Number(NeedsGeneration ? 1u : 0).Number(LastAssigned).Number(Known).Bytes(digest)
            .Number(SendFloor).Number((ulong)QueuedBytes).Number((ulong)NextRow).Number((ulong)NextTopic).Number((ulong)Runs.All.Count);
        foreach (var run in Runs.All)
            content.Number((ulong)run.Row).Number(run.Seq).Number(run.Count).Number(run.FirstGeneration).Number(run.FirstSeq);
        content.Number(Openings);
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out StoreState? state)
    {
        var content = new ContentReader(bytes);
        state = new StoreState
        {
            Layout = (int)content.Number(),
            LayoutHash = content.Number(),
            Commits = content.Number(),
            Generation = (uint)content.Number(),
            NeedsGeneration = content.Number() == 1,
            LastAssigned = content.Number(),
            Known = content.Number(),
            Digest = content.Take(CommandDigest.Bytes) is { IsEmpty: false } digest ? CommandDigest.FromBytes(digest) : default,
            SendFloor = content.Number(),
            QueuedBytes = (long)content.Number(),
            NextRow = (long)content.Number(),
            NextTopic = (long)content.Number(),
        };
        var runs = content.Number();
        for (var run = 0UL; run < runs && !content.Failed; run++)
            state.Runs.Add(new SeqRun((long)content.Number(), content.Number(), content.Number(), (uint)content.Number(), content.Number()));
        if (!content.Rest.IsEmpty)
            state.Openings = content.Number();
        return !content.Failed;
    }
}
