using CsCheck;
using Holi.Wire.Frames;

namespace Holi.Wire.Tests.Frames;

/// <summary>Random frames of every kind, cut into random pieces.</summary>
public sealed class FramePropertyTests
{
    public static TheoryData<FrameKind> Kinds => [.. Enum.GetValues<FrameKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_written_is_read_and_what_is_read_is_written__4(FrameKind kind) =>
        Gen.Select(FrameGen.Of(kind), Gen.Int[0, 2_000].Array[0, 12]).Sample((text, cuts) =>
        {
            var fields = FrameGen.Parse(text);
            var bytes = JsonToFrame.Bytes(kind, fields);
            var timeBase = kind == FrameKind.Event ? fields.I64("timeBase") : Receiver.TimeBaseMs;

            var frames = new FrameReader(Pieces.Cut(bytes, cuts.Select(cut => cut % (bytes.Length + 1))));
            frames.TryRead(out var frame, out var violation).ShouldBeTrue(violation.ToString());
            frame.Kind.ShouldBe(kind);
            frame.WireBytes.ShouldBe(bytes.Length);
            var read = FrameToJson.Read(frame, timeBase, out violation);
            violation.ShouldBe(Violation.None);
            read!.ToJsonString().ShouldBe(fields.ToJsonString());
            JsonToFrame.Bytes(kind, read).ShouldBe(bytes);
            frames.TryRead(out _, out violation).ShouldBeFalse();
            violation.ShouldBe(Violation.None);
        }, iter: 300);

    [Fact]
    public void Frames_of_a_message_come_out_in_order__2_2() => AnyMessage.Message.Sample(message =>
    {
        var kinds = new List<FrameKind>();
        Receiver.Receive(Pieces.Whole(message.Bytes), kinds).ShouldBe(Violation.None);
        kinds.ShouldBe(message.Kinds);
    }, iter: 500);
}
