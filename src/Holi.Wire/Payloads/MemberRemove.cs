using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>member.remove (holi.v1.md §8.8).</summary>
public sealed record MemberRemove(string User) : IPayload<MemberRemove>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out MemberRemove value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(new MemberRemove(reader.User()), out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(1);
        writer.Text(User);
        writer.Flush();
    }
}
