using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace Holi.Wire.Frames;

/// <summary>One person of a topic.</summary>
/// <param name="Member">The member number in this topic.</param>
/// <param name="User">Who it is.</param>
/// <param name="Role">0 observer, 1 member, 2 admin, 3 owner.</param>
/// <param name="Delivered">Delivered position.</param>
/// <param name="Read">Read position.</param>
/// <param name="Online">Connected on any device.</param>
/// <param name="LastSeenMs">When last connected; 0: never or not known.</param>
public sealed record RosterMember(uint Member, string User, byte Role, ulong Delivered, ulong Read, bool Online, long LastSeenMs);

/// <summary>A topic's people (holi.v1.md §9.1).</summary>
public sealed record RosterFrame(uint Topic, IReadOnlyList<RosterMember> Members)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, [NotNullWhen(true)] out RosterFrame? frame, out Violation violation)
    {
        frame = null;
        var fields = new FieldReader(body, "9.1");
        var topic = fields.Number();
        var payload = fields.Rest();
        if (!fields.End(out violation))
            return false;

        var rows = new FramePayload(payload, "9.1");
        var members = new List<RosterMember>();
        while (rows.Left > 0)
            members.Add(ReadMember(ref rows));
        if (!rows.End(out violation))
            return false;
        frame = new(topic, members);
        return true;
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(payload);
        writer.WriteArrayHeader(Members.Count);
        foreach (var member in Members)
        {
            writer.WriteArrayHeader(7);
            writer.Write(member.Member);
            writer.Write(member.User);
            writer.Write(member.Role);
            writer.Write(member.Delivered);
            writer.Write(member.Read);
            writer.Write(member.Online);
            writer.Write(member.LastSeenMs);
        }
        writer.Flush();

        var rows = new ReadOnlySequence<byte>(payload.WrittenMemory);
        var fields = new FieldWriter(output, FrameKind.Roster, FieldSize.Varint(Topic) + rows.Length);
        fields.Varint(Topic);
        fields.Bytes(rows);
        fields.End();
    }

    private static RosterMember ReadMember(ref FramePayload rows)
    {
        var outside = rows.Enter();
        var member = new RosterMember(
            rows.Number(), rows.Text(WireLimits.IdCharsMax), (byte)rows.Int(0, byte.MaxValue), rows.Count(), rows.Count(),
            rows.FlagOr(false), rows.IntOr(0, 0, long.MaxValue));
        rows.Leave(outside);
        return member;
    }
}
