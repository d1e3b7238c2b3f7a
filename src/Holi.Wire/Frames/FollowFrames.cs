using System.Buffers;
using System.Text;

namespace Holi.Wire.Frames;

/// <summary>Asks for a topic's events (holi.v1.md §8.6).</summary>
/// <param name="Topic">A number announced on this connection, or 0: then <paramref name="TopicName"/> says which.</param>
/// <param name="TopicName">UTF-8; a slice of the message.</param>
/// <param name="Epoch">The epoch of what the device holds; 0: nothing.</param>
/// <param name="Offset">The last offset it has stored.</param>
/// <param name="Backlog">Where epoch and offset are 0: how many of the newest events it wants.</param>
public readonly record struct FollowFrame(uint Topic, ReadOnlySequence<byte> TopicName, ulong Epoch, ulong Offset, ulong Backlog)
{
    /// <summary><see cref="TopicName"/> as a new string.</summary>
    public string TopicNameText => Encoding.UTF8.GetString(TopicName);

    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out FollowFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.6");
        var topic = fields.Number();
        frame = new(topic, fields.TopicName(topic), fields.Varint(), fields.Varint(), fields.Varint());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var bodyBytes = FieldSize.Varint(Topic) + FieldSize.TopicName(Topic, TopicName)
            + FieldSize.Varint(Epoch) + FieldSize.Varint(Offset) + FieldSize.Varint(Backlog);
        var fields = new FieldWriter(output, FrameKind.Follow, bodyBytes);
        fields.Varint(Topic);
        fields.TopicName(Topic, TopicName);
        fields.Varint(Epoch);
        fields.Varint(Offset);
        fields.Varint(Backlog);
        fields.End();
    }
}

/// <summary>Asks for no more of a topic's events (holi.v1.md §8.6).</summary>
public readonly record struct UnfollowFrame(uint Topic)
{
    /// <summary>Reads a body.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> body, out UnfollowFrame frame, out Violation violation)
    {
        var fields = new FieldReader(body, "8.6");
        frame = new(fields.Number());
        return fields.End(out violation);
    }

    /// <summary>Writes the whole frame.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var fields = new FieldWriter(output, FrameKind.Unfollow, FieldSize.Varint(Topic));
        fields.Varint(Topic);
        fields.End();
    }
}
