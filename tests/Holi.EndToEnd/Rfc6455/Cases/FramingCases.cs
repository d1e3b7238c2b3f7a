using static Holi.EndToEnd.Rfc6455.Sent;

namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>1: data frames of all lengths, in all encodings of a length.</summary>
internal static class FramingCases
{
    private static readonly int[] TextLengths = [0, 125, 126, 127, 128, 65_535, 65_536];
    private static readonly int[] BinaryLengths = [3, 5, 125, 126, 127, 128, 129, 65_535, 65_536];

    public static IEnumerable<WireCase> All =>
    [
        // Every text message is refused, so 1.1 has one answer whatever the length.
        .. TextLengths.Select((length, i) =>
            new WireCase($"1.1.{i + 1}", "holi.v1 §2.2", $"a text message of {length} bytes", [Frame(Text, new byte[length])], 4401)),
        new("1.2.1", "holi.v1 §2.2", "an empty binary message", [Frame(Binary)], 4403),
        .. BinaryLengths.Select((length, i) =>
            new WireCase($"1.2.{i + 2}", "5.2", $"a binary message of {length} bytes", [Asks(1, length)], WireCase.Open) { Answers = 1 }),
        new("1.2.11", "holi.v1 §2.2", "one byte more than a message may have", [Asks(1, 65_537)], 4402),
        new("1.2.12", "5.2", "messages of every encoding one after the other", [Asks(1, 100), Asks(2, 1_000), Asks(3, 65_536), Asks(4)], WireCase.Open)
        {
            Answers = 4,
        },
        // A length that is not in its shortest form.
        new("1.3.1", "5.2", "3 bytes, length in 16 bits", [Frame(Binary, Question(1, 3), form: LengthForm.Two)], 1002),
        new("1.3.2", "5.2", "125 bytes, length in 16 bits", [Frame(Binary, Question(1, 125), form: LengthForm.Two)], 1002),
        new("1.3.3", "5.2", "3 bytes, length in 64 bits", [Frame(Binary, Question(1, 3), form: LengthForm.Eight)], 1002),
        new("1.3.4", "5.2", "126 bytes, length in 64 bits", [Frame(Binary, Question(1, 126), form: LengthForm.Eight)], 1002),
        new("1.3.5", "5.2", "65,535 bytes, length in 64 bits", [Frame(Binary, Question(1, 65_535), form: LengthForm.Eight)], 1002),
        new("1.3.6", "5.2", "nothing, length in 16 bits", [Frame(Binary, form: LengthForm.Two)], 1002),
        new("1.3.7", "5.2", "a length of 2^63", [Head("82FF8000000000000000")], 1002),
        new("1.3.8", "5.2", "a length of 2^64 - 1", [Head("82FFFFFFFFFFFFFFFFFF")], 1002),
        new("1.3.9", "5.2", "a length of 2^63 - 1, and then the peer is gone", [Head("82FF7FFFFFFFFFFFFFFF")], WireCase.Cut) { HalfCloses = true },
        // Masks. Autobahn has no such cases: it never sends what no client can.
        new("1.4.1", "5.1", "a binary frame that is not masked", [Frame(Binary, Question(1, 3), mask: null)], 1002),
        new("1.4.2", "5.1", "an empty frame that is not masked", [Frame(Binary, mask: null)], 1002),
        new("1.4.3", "5.1", "a ping that is not masked", [Frame(Ping, mask: null)], 1002),
        new("1.4.4", "5.1", "a close that is not masked", [Frame(Close, [0x03, 0xE8], mask: null)], 1002),
        new("1.4.5", "5.1", "a continuation that is not masked", [.. Fragments(Question(1, 9), 4)[..1], Frame(Continuation, [1], mask: null)], 1002),
        new("1.4.6", "5.3", "a mask of zeros", [Frame(Binary, Question(1, 300), mask: 0)], WireCase.Open) { Answers = 1 },
        new("1.4.7", "5.3", "a mask of ones", [Frame(Binary, Question(1, 300), mask: uint.MaxValue)], WireCase.Open) { Answers = 1 },
        new("1.4.8", "5.3", "another mask for each frame",
            [.. Enumerable.Range(1, 9).Select(n => Frame(Binary, Question((byte)n, n + 10), mask: 0x9E3779B9u * (uint)n))], WireCase.Open)
        {
            Answers = 9,
        },
        // A TCP connection that ends where no frame does.
        new("1.5.1", "7.1.5", "the peer is gone after one byte of a header", [[0x82]], WireCase.Cut) { HalfCloses = true },
        new("1.5.2", "7.1.5", "the peer is gone in the middle of a mask", [Asks(1)[..4]], WireCase.Cut) { HalfCloses = true },
        new("1.5.3", "7.1.5", "the peer is gone in the middle of a payload", [Asks(1, 200)[..^1]], WireCase.Cut) { HalfCloses = true },
        new("1.5.4", "7.1.5", "the peer is gone between two fragments", Fragments(Question(1, 9), 4)[..1], WireCase.Cut) { HalfCloses = true },
        new("1.5.5", "7.1.5", "the peer is gone in the middle of a ping", [Frame(Ping, "hello")[..^1]], WireCase.Cut) { HalfCloses = true },
        new("1.5.6", "7.1.5", "the peer has its answer and is gone without a close", [Asks(1)], WireCase.Cut) { HalfCloses = true, Answers = 1 },
    ];

    // A header and a mask.
    private static byte[] Head(string hex) => [.. Convert.FromHexString(hex), 1, 2, 3, 4];
}
