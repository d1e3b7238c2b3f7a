using System.Buffers;

namespace Holi.Wire.Payloads;

/// <summary>The event of member.role (holi.v1.md §8.8).</summary>
public readonly record struct MemberRoleChanged(uint Member, MemberRole Role) : IPayload<MemberRoleChanged>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, out MemberRoleChanged value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MemberRoleChanged(reader.Number32(min: 1), reader.Role()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(2);
        writer.Number(Member);
        writer.Whole((long)Role);
        writer.Flush();
    }
}
