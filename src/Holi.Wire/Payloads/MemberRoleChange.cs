using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>member.role (holi.v1.md §8.8).</summary>
public sealed record MemberRoleChange(string User, MemberRole Role) : IPayload<MemberRoleChange>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MemberRoleChange value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MemberRoleChange(reader.User(), reader.Role()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(2);
        writer.Text(User);
        writer.Whole((long)Role);
        writer.Flush();
    }
}
