using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Holi.Wire.Payloads;

namespace Holi.Wire.Frames;

/// <summary>One person of a topic.</summary>
/// <param name="Member">The member number in this topic.</param>
/// <param name="User">Who it is.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Delivered">Delivered position.</param>
/// <param name="Read">Read position.</param>
/// <param name="Online">Connected on any device.</param>
/// <param name="LastSeenMs">When last connected; 0: never or not known.</param>
public sealed record RosterMember(uint Member, string User, MemberRole Role, ulong Delivered, ulong Read, bool Online, long LastSeenMs);

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

        var rows = new PayloadReader(payload);
        var members = new List<RosterMember>();
        while (rows.Next != PayloadKind.End)
            members.Add(ReadMember(ref rows));
        return rows.Finish("9.1", new RosterFrame(topic, members), out frame, out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        var writer = new PayloadWriter(payload);
        writer.BeginArray(Members.Count);
        foreach (var member in Members)
        {
            writer.BeginArray(7);
            writer.Whole(member.Member);
            writer.Text(member.User);
            writer.Whole((long)member.Role);
            writer.Number(member.Delivered);
            writer.Number(member.Read);
            writer.Boolean(member.Online);
            writer.Whole(member.LastSeenMs);
        }
        writer.Flush();

        var rows = new ReadOnlySequence<byte>(payload.WrittenMemory);
        var fields = new FieldWriter(output, FrameKind.Roster, FieldSize.Varint(Topic) + rows.Length);
        fields.Varint(Topic);
        fields.Bytes(rows);
        fields.End();
    }

    private static RosterMember ReadMember(ref PayloadReader rows)
    {
        rows.BeginArray();
        var member = new RosterMember(
            rows.Number32(), rows.User(), rows.Role(), rows.Number(), rows.Number(), rows.Boolean(), rows.Time());
        rows.End();
        return member;
    }
}
