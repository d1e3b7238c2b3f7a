using Holi.Wire;

namespace Holi.Gateway.Ingress.Sql;

/// <summary>A row of holi_outbox as it was read; nothing of it is checked.</summary>
/// <param name="Id">Its place in the order.</param>
/// <param name="IsTooLarge">True where its content was too large to be read.</param>
/// <param name="Age">Since it was inserted, which may be long before that was committed.</param>
/// <param name="Fields">The rest.</param>
internal sealed record OutboxRow(long Id, bool IsTooLarge, TimeSpan Age, PublicationFields Fields)
{
    /// <summary>What it asks for, or why it is nothing.</summary>
    public PublicationReading Read() =>
        IsTooLarge ? new PublicationRefusal(HoliCode.RefusedTooLarge, "content or payload is too large.") : PublicationReader.Read(Fields);

    /// <summary>About how much memory it takes.</summary>
    public long Bytes => (Fields.Content?.Length ?? 0) + (Fields.Payload?.Length ?? 0);
}
