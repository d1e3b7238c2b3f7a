using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Cluster.Messages;

/// <summary>A person of a tenant.</summary>
internal readonly record struct PersonKey(string Tenant, string User);

/// <summary>Somebody came to a gateway, or left it.</summary>
/// <param name="Who">Who.</param>
/// <param name="Online">Came.</param>
/// <param name="LastSeenMs">When they left, ms since 1970.</param>
internal readonly record struct RollChange(PersonKey Who, bool Online, long LastSeenMs);

/// <summary>
/// What changed in a gateway's roll between two of its versions; with no change, that the gateway is there and where its roll stands:
/// <c>from version, to version</c>, then changes until the end.
/// </summary>
internal static class RollNews
{
    public static void Begin(MessageWriter writer, NodeId origin, ulong from, ulong to)
    {
        writer.Begin(MessageKind.RollNews, origin);
        writer.Number(from);
        writer.Number(to);
    }

    public static void Add(MessageWriter writer, in RollChange change)
    {
        RollPerson.Write(writer, change.Who);
        writer.Number(change.Online ? 1ul : 0);
        writer.Number((ulong)Math.Max(0, change.LastSeenMs));
    }

    public static bool TryReadNext(ref MessageReader reader, out RollChange change)
    {
        change = default;
        if (!reader.HasMore)
            return false;
        change = new RollChange(RollPerson.Read(ref reader), reader.Number(1) == 1, (long)reader.Number((ulong)PayloadLimits.TimeMsMax));
        return !reader.IsBad;
    }
}

/// <summary>
/// A part of everybody who was at a gateway when its roll had a version: <c>version, page from 0, 1 in the last</c>, then people until the end.
/// </summary>
internal static class RollPage
{
    public static void Begin(MessageWriter writer, NodeId origin, ulong version, ulong page, bool isLast)
    {
        writer.Begin(MessageKind.RollPage, origin);
        writer.Number(version);
        writer.Number(page);
        writer.Number(isLast ? 1ul : 0);
    }

    public static void Add(MessageWriter writer, in PersonKey who) => RollPerson.Write(writer, who);

    public static bool TryReadNext(ref MessageReader reader, out PersonKey who)
    {
        who = default;
        if (!reader.HasMore)
            return false;
        who = RollPerson.Read(ref reader);
        return !reader.IsBad;
    }
}

file static class RollPerson
{
    // The longest name that the rule for users allows; all are ASCII.
    private const int NameBytesMax = WireLimits.IdCharsMax;

    public static void Write(MessageWriter writer, in PersonKey who)
    {
        writer.Text(who.Tenant);
        writer.Text(who.User);
    }

    public static PersonKey Read(ref MessageReader reader) => new(reader.Text(NameBytesMax), reader.Text(NameBytesMax));
}
