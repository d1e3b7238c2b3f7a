using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>The event of member.remove and of conversation.leave (holi.v1.md §8.8).</summary>
public sealed record MemberRemoved(uint Member, string User, LeftHow How) : IPayload<MemberRemoved>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MemberRemoved value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MemberRemoved(reader.Number32(min: 1), reader.User(), reader.How()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(3);
        writer.Number(Member);
        writer.Text(User);
        writer.Whole((long)How);
        writer.Flush();
    }
}
