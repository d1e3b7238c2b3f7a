using System.Buffers;
using System.Text;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.Client.Engine;

/// <summary>Writes an outbox command as a frame, into one buffer that is used again.</summary>
internal sealed class CommandEncoder
{
    private const int KeptBytesMax = 32 << 10;

    private ArrayBufferWriter<byte> _output = new(512);

    /// <summary>What the frame's body will take: it is held against the window before anything is written.</summary>
    public static int BodyBytes(OutboxCommand command, uint topicNumber)
    {
        var bytes = Varint.LengthOf(command.Seq) + Varint.LengthOf(((ulong)topicNumber * 8) + Math.Min(command.Type, (ushort)7))
            + command.Payload.Length;
        if (command.FirstSeq != 0)
            bytes += Varint.LengthOf(command.FirstGeneration) + Varint.LengthOf(command.FirstSeq);
        if (command.Type >= 7)
            bytes += Varint.LengthOf(command.Type);
        if (topicNumber != 0)
            return bytes;
        var name = Encoding.UTF8.GetByteCount(command.Topic);
        return bytes + Varint.LengthOf((ulong)name) + name;
    }

    /// <summary>The whole frame; valid until the next call. The topic travels by name where it has no number yet.</summary>
    public ReadOnlySpan<byte> Encode(OutboxCommand command, uint topicNumber)
    {
        if (_output.Capacity > KeptBytesMax)
            _output = new(512);
        _output.ResetWrittenCount();
        var name = topicNumber == 0 ? new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(command.Topic)) : default;
        new CommandFrame(
            command.Seq, command.FirstGeneration, command.FirstSeq, topicNumber, name, command.Type, new(command.Payload)).Write(_output);
        return _output.WrittenSpan;
    }
}
