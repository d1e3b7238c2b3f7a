using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Ingress;

/// <summary>What a backend asks for, checked but for what only the log knows.</summary>
internal abstract record Asked(PublicationKey Key)
{
    /// <summary>The row of the outbox table that asks for it; 0 where it came by another road.</summary>
    public long OutboxRow { get; init; }

    /// <summary>For the committer.</summary>
    /// <param name="source">Hears what becomes of it.</param>
    /// <param name="publisher">Who asks; empty where the road does not say.</param>
    /// <param name="road">One of <see cref="PublicationRoads"/>.</param>
    public abstract CommitInput ToInput(IPublicationSource source, string publisher, string road);
}

/// <summary>One event in one topic. See <see cref="SubmitPublication"/>.</summary>
internal sealed record AskedPublication(
    PublicationKey Key, UInt128 Digest, string TopicName, ushort Type, byte[] Payload, long? DeliverAtMs, long? ExpiresMs) : Asked(Key)
{
    public override CommitInput ToInput(IPublicationSource source, string publisher, string road) => new SubmitPublication(
        source, Key, Digest, new PublicationOrigin(publisher, road, OutboxRow), TopicName, Type, Payload, DeliverAtMs, ExpiresMs);
}

/// <summary>That a scheduled publication is taken back.</summary>
internal sealed record AskedCancellation(PublicationKey Key) : Asked(Key)
{
    public override CommitInput ToInput(IPublicationSource source, string publisher, string road) =>
        new CancelPublication(source, Key, new PublicationOrigin(publisher, road, OutboxRow));
}

/// <summary>A row of the outbox table that cannot be read: it is put aside.</summary>
internal sealed record AskedNothing : Asked
{
    private readonly PublicationRefusal _refusal;

    public AskedNothing(long outboxRow, PublicationRefusal refusal)
        : base(default(PublicationKey)) => (OutboxRow, _refusal) = (outboxRow, refusal);

    public override CommitInput ToInput(IPublicationSource source, string publisher, string road) =>
        new PutOutboxRowAside(source, OutboxRow, _refusal.Code, _refusal.Detail);
}

/// <summary>Why something is no publication.</summary>
/// <param name="Code">From codes.md.</param>
/// <param name="Detail">For people. Names fields and limits, and holds nothing of what was sent.</param>
internal sealed record PublicationRefusal(HoliCode Code, string Detail);

/// <summary>One of the two.</summary>
internal readonly record struct PublicationReading(Asked? Asked, PublicationRefusal? Refusal)
{
    public static implicit operator PublicationReading(Asked asked) => new(asked, null);

    public static implicit operator PublicationReading(PublicationRefusal refusal) => new(null, refusal);

    public static PublicationRefusal Malformed(string detail) => new(HoliCode.RefusedPayload, detail);
}
