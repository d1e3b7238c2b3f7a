using CsCheck;

namespace Holi.Wire.Tests.Frames;

/// <summary>Random sound messages of one to four frames.</summary>
internal static class AnyMessage
{
    public static Gen<(FrameKind[] Kinds, byte[] Bytes)> Message { get; } =
        Gen.OneOf([.. Enum.GetValues<FrameKind>().Select(Frame)]).Array[1, 4]
            .Select(frames => (frames.Select(frame => frame.Kind).ToArray(), frames.SelectMany(frame => frame.Bytes).ToArray()));

    private static Gen<(FrameKind Kind, byte[] Bytes)> Frame(FrameKind kind) => FrameGen.Of(kind).Select(text =>
    {
        var fields = FrameGen.Parse(text);
        // An event's time must make sense beside the receiver's timeBase, not beside the one it was made with.
        if (kind == FrameKind.Event)
            fields["timeBase"] = Receiver.TimeBaseMs;
        return (kind, JsonToFrame.Bytes(kind, fields));
    });
}
