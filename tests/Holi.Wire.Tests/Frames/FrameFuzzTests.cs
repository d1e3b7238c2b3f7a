using System.Buffers;
using System.Collections.Concurrent;
using CsCheck;
using Holi.Wire.Frames;

namespace Holi.Wire.Tests.Frames;

/// <summary>
/// Sound messages with flipped, lost, doubled and invented bytes. Whatever comes, the answer is a frame or a violation: nothing is
/// thrown, and memory follows the bytes that came, never the counts that they declare.
/// </summary>
public sealed class FrameFuzzTests
{
    // The frames that become objects: Hello, Welcome, Token, Topic, Roster. A one-byte item of a list becomes an object of less than
    // 100 bytes, and the list doubles as it grows.
    private const int ObjectBytesPerByte = 300;

    private static readonly HoliCode[] Reachable =
    [
        HoliCode.None, HoliCode.TooLarge, HoliCode.EmptyMessage, HoliCode.BadVarint, HoliCode.BadText, HoliCode.BadPayload,
        HoliCode.Truncated, HoliCode.TrailingBytes, HoliCode.UnknownFrame, HoliCode.UnexpectedFrame, HoliCode.BadPart, HoliCode.BadValue,
    ];

    // MessagePack has many forms of one value; a Skip's unknown reason reads as 0.
    private static readonly FrameKind[] ManyForms =
        [FrameKind.Hello, FrameKind.Welcome, FrameKind.Token, FrameKind.Topic, FrameKind.Roster, FrameKind.Skip];

    private static readonly Gen<byte[]> Mutated = Gen.Select(
        AnyMessage.Message, Gen.Select(Gen.Int[0, 5], Gen.Int[0, 4_000], Gen.Byte).Array[1, 4], (message, changes) =>
        {
            var bytes = message.Bytes.ToList();
            foreach (var (how, where, value) in changes)
                Change(bytes, how, where, value);
            return bytes.ToArray();
        });

    [Fact]
    public void A_damaged_message_is_a_frame_or_a_violation_with_code_and_section__4()
    {
        var seen = new ConcurrentDictionary<HoliCode, int>();
        Gen.Select(Mutated, Gen.Int[0, 4_000].Array[0, 8]).Sample((bytes, cuts) =>
        {
            var whole = Receiver.Receive(Pieces.Whole(bytes));
            ShouldBeSound(whole);
            Receiver.Receive(Pieces.Cut(bytes, cuts.Select(cut => cut % (bytes.Length + 1)))).ShouldBe(whole);
            seen.AddOrUpdate(whole.Code, 1, (_, count) => count + 1);
        }, iter: 20_000);

        // Damage that is always noticed at the first byte would prove little.
        seen.Keys.Order().ShouldBe(Reachable.Order());
        seen[HoliCode.None].ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public void Random_bytes_are_a_frame_or_a_violation_with_code_and_section__4() =>
        Gen.Byte.Array[0, 64].Sample(bytes => ShouldBeSound(Receiver.Receive(Pieces.Whole(bytes))), iter: 20_000);

    [Fact]
    public void Memory_follows_the_bytes_that_came_not_the_counts_they_declare__3_1() => Mutated.Sample(bytes =>
    {
        var message = Pieces.Whole(bytes);
        // The first time pays for what is made once: code, tables, boxed defaults.
        Receiver.Receive(message);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Receiver.Receive(message);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000 + (ObjectBytesPerByte * bytes.Length));
    }, iter: 5_000);

    [Fact]
    public void A_damaged_frame_that_is_read_has_only_one_form__3() => Mutated.Sample(bytes =>
    {
        var frames = new FrameReader(Pieces.Whole(bytes));
        while (frames.TryRead(out var frame, out _))
        {
            if (ManyForms.Contains(frame.Kind))
                continue;
            if (FrameToJson.Read(frame, Receiver.TimeBaseMs, out _) is { } fields)
                JsonToFrame.Bytes(frame.Kind, fields).AsSpan()[^(int)frame.Body.Length..].ToArray().ShouldBe(frame.Body.ToArray());
        }
    }, iter: 5_000);

    private static void ShouldBeSound(Violation violation)
    {
        if (violation.IsNone)
            return;
        Enum.IsDefined(violation.Code).ShouldBeTrue();
        Spec.Sections.ShouldContain(violation.Section);
    }

    private static void Change(List<byte> bytes, int how, int where, byte value)
    {
        var place = bytes.Count == 0 ? 0 : where % bytes.Count;
        switch (how)
        {
            case 0 when bytes.Count > 0: bytes[place] ^= (byte)(1 << (value & 7)); break;
            case 1 when bytes.Count > 0: bytes[place] = value; break;
            case 2 when bytes.Count > 0: bytes.RemoveRange(place, Math.Min(1 + (value & 3), bytes.Count - place)); break;
            case 3: bytes.RemoveRange(place, bytes.Count - place); break;
            case 4: bytes.Insert(place, value); break;
            default: bytes.InsertRange(place, Enumerable.Repeat((byte)0xFF, 1 + (value & 7))); break;
        }
    }
}
