using Holi.Gateway.Commit;
using Holi.Gateway.Storage;
using Holi.Wire;

namespace Holi.Gateway.Ingress;

/// <summary>What a backend asks for, checked but for what only the log knows.</summary>
internal abstract record Asked(PublicationKey Key)
{
    /// <summary>For the committer.</summary>
    public abstract CommitInput ToInput(IPublicationSource source, in PublicationOrigin origin);
}

/// <summary>One event in one topic. See <see cref="SubmitPublication"/>.</summary>
internal sealed record AskedPublication(
    PublicationKey Key, UInt128 Digest, string TopicName, ushort Type, byte[] Payload, long? DeliverAtMs, long? ExpiresMs) : Asked(Key)
{
    public override CommitInput ToInput(IPublicationSource source, in PublicationOrigin origin) =>
        new SubmitPublication(source, Key, Digest, origin, TopicName, Type, Payload, DeliverAtMs, ExpiresMs);
}

/// <summary>That a scheduled publication is taken back.</summary>
internal sealed record AskedCancellation(PublicationKey Key) : Asked(Key)
{
    public override CommitInput ToInput(IPublicationSource source, in PublicationOrigin origin) => new CancelPublication(source, Key, origin);
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
