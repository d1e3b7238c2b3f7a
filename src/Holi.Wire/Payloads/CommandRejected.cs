using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Holi.Wire.Payloads;

/// <summary>command.rejected (holi.v1.md §7.6): stands in the user's own topic, so that every device learns of it.</summary>
/// <param name="Generation">Of the device that sent it.</param>
/// <param name="Seq">Which command.</param>
/// <param name="Code">Why; may be a code that this version does not know.</param>
/// <param name="TopicName">Where it was meant to take effect: as the device wrote it, not always a topic's name.</param>
/// <param name="Type">The command's type.</param>
public sealed record CommandRejected(uint Generation, ulong Seq, HoliCode Code, string TopicName, ushort Type) : IPayload<CommandRejected>
{
    /// <inheritdoc/>
    public static bool TryRead(in ReadOnlySequence<byte> payload, [MaybeNullWhen(false)] out CommandRejected value)
    {
        var reader = new PayloadReader(payload);
        return reader.Finish(
            new CommandRejected(
                reader.Number32(min: 1),
                reader.Number(min: 1),
                reader.Code(),
                reader.Topic(),
                (ushort)reader.Whole(0, ushort.MaxValue)),
            out value);
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PayloadWriter(output);
        writer.BeginArray(5);
        writer.Number(Generation);
        writer.Number(Seq);
        writer.Whole((long)Code);
        writer.Text(TopicName);
        writer.Whole(Type);
        writer.Flush();
    }
}
