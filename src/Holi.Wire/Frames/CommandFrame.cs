using System.Buffers;
using System.Text;

namespace Holi.Wire.Frames;

/// <summary>
/// What a device asks to be done: Command (holi.v1.md §7.1) and, where it carries an earlier identity, CommandAgain (§7.2).
/// The sequences are slices of the message and live as long as it does.
/// </summary>
/// <param name="Seq">From 1, dense within a generation.</param>
/// <param name="FirstGeneration">CommandAgain: the generation it was first assigned in; else 0.</param>
/// <param name="FirstSeq">CommandAgain: the seq it first had; else 0.</param>
/// <param name="Topic">A number announced on this connection, or 0: then <paramref name="TopicName"/> says which.</param>
/// <param name="TopicName">UTF-8, at most <see cref="WireLimits.TopicNameBytesMax"/> bytes; ignored where Topic is not 0.</param>
/// <param name="Type">The command's type (§8.8).</param>
/// <param name="Payload">One MessagePack array, not yet checked, or nothing.</param>
public readonly record struct CommandFrame(
    ulong Seq, uint FirstGeneration, ulong FirstSeq, uint Topic, ReadOnlySequence<byte> TopicName, ushort Type,
    ReadOnlySequence<byte> Payload)
{
    /// <summary>A first-time command to a numbered topic.</summary>
    public CommandFrame(ulong seq, uint topic, ushort type, ReadOnlySequence<byte> payload)
        : this(seq, 0, 0, topic, default, type, payload)
    {
    }

    /// <summary>True for CommandAgain.</summary>
    public bool IsAgain => FirstSeq != 0;

    /// <summary><see cref="TopicName"/> as a new string.</summary>
    public string TopicNameText => Encoding.UTF8.GetString(TopicName);

    /// <summary>Reads the body of a Command.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out CommandFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "7.1");
        frame = Read(ref fields, ReadSeq(ref fields), 0, 0);
        return fields.End(out violation);
    }

    /// <summary>Reads the body of a CommandAgain.</summary>
    public static bool TryReadAgain(in ReadOnlySequence<byte> body, out CommandFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "7.2");
        frame = Read(ref fields, ReadSeq(ref fields), (uint)fields.Varint(1, uint.MaxValue), ReadSeq(ref fields));
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Seq) + FieldSize.Packed(Topic, Type) + FieldSize.TopicName(Topic, TopicName)
            + FieldSize.PackedType(Type) + Payload.Length;
        if (IsAgain)
            bodyBytes += FieldSize.Varint(FirstGeneration) + FieldSize.Varint(FirstSeq);

        var fields = new FieldWriter(output, IsAgain ? FrameKind.CommandAgain : FrameKind.Command, bodyBytes);
        fields.Varint(Seq);
        if (IsAgain)
        {
            fields.Varint(FirstGeneration);
            fields.Varint(FirstSeq);
        }
        fields.Packed(Topic, Type);
        fields.TopicName(Topic, TopicName);
        fields.PackedType(Type);
        fields.Bytes(Payload);
        fields.End();
    }

    // Seqs are dense from 1, so 0 is no seq.
    private static ulong ReadSeq(ref FieldReader fields) => fields.Varint(1, Varint.MaxValue);

    private static CommandFrame Read(ref FieldReader fields, ulong seq, uint firstGeneration, ulong firstSeq)
    {
        var topic = fields.Packed(out var low);
        return new(seq, firstGeneration, firstSeq, topic, fields.TopicName(topic), fields.PackedType(low), fields.Rest());
    }
}
