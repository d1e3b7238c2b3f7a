using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>The event of member.add (holi.v1.md §8.8).</summary>
/// <param name="Member">The number by which events of this topic name the user from now on.</param>
/// <param name="User">Who.</param>
/// <param name="Role">As what.</param>
public sealed record MemberAdded(uint Member, string User, MemberRole Role) : IPayload<MemberAdded>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MemberAdded value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MemberAdded(reader.Number32(min: 1), reader.User(), reader.Role()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(3);
        writer.Number(Member);
        writer.Text(User);
        writer.Whole((long)Role);
        writer.Flush();
    }
}
