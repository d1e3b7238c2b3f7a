using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>member.add (holi.v1.md §8.8).</summary>
public sealed record MemberAdd(string User, MemberRole Role) : IPayload<MemberAdd>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MemberAdd value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MemberAdd(reader.User(), reader.Role()), out value);
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
