using static Holi.EndToEnd.Rfc6455.Sent;

namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>5: messages in fragments (§5.4), and control frames between them.</summary>
internal static class FragmentCases
{
    private static byte[][] Two => Fragments(Question(1, 20), 9);

    private static byte[][] Five => FragmentsOf(Question(1, 50), 10);

    public static IEnumerable<WireCase> All => [.. Wrong(), .. Right(), .. Sizes()];

    private static IEnumerable<WireCase> Wrong() =>
    [
        new("5.1", "5.5", "a ping in two fragments", [Frame(Ping, "fragment1", fin: false), Frame(Continuation, "fragment2")], 1002),
        new("5.2", "5.5", "a pong in two fragments", [Frame(Pong, "fragment1", fin: false), Frame(Continuation, "fragment2")], 1002),
        new("5.2.1", "5.5", "a close in two fragments", [Frame(Close, [0x03], fin: false), Frame(Continuation, [0xE8])], 1002),
        new("5.9", "5.4", "a last continuation of nothing, then a message", [Frame(Continuation, "non-continuation"), Asks(1)], 1002),
        new("5.10", "5.4", "an empty last continuation of nothing", [Frame(Continuation)], 1002),
        new("5.12", "5.4", "a continuation of nothing with more to come", [Frame(Continuation, "non-continuation", fin: false), Asks(1)], 1002),
        new("5.13", "5.4", "an empty continuation of nothing with more to come", [Frame(Continuation, fin: false)], 1002),
        new("5.15", "5.4", "a continuation behind the last fragment", [.. Two, Frame(Continuation, "fragment3"), Asks(2)], 1002) { Answers = 1 },
        new("5.16", "5.4", "continuations of nothing around a message", [Frame(Continuation, "fragment1", fin: false), .. Two, .. Two], 1002),
        new("5.17", "5.4", "a last continuation of nothing before a message in fragments", [Frame(Continuation, "fragment1"), .. Two], 1002),
        new("5.18", "5.4", "a second message begins inside the first", [Two[0], Asks(2)], 1002),
        new("5.18.1", "5.4", "a second message in fragments begins inside the first", [Two[0], Two[0], Two[1]], 1002),
        new("5.18.2", "5.4", "a text message begins inside a binary one", [Two[0], Frame(Text, "x")], 1002),
        new("5.18.3", "5.4", "a continuation after a whole message", [Asks(1), Frame(Continuation, "x")], 1002) { Answers = 1 },
    ];

    private static IEnumerable<WireCase> Right() =>
    [
        new("5.3", "5.4", "a message in two fragments", Two, WireCase.Open) { Answers = 1 },
        new("5.6", "5.4", "a ping between two fragments", [Two[0], Frame(Ping, "ping"), Two[1]], WireCase.Open) { Answers = 1, Pongs = ["ping"] },
        new("5.6.1", "5.4", "a pong between two fragments", [Two[0], Frame(Pong, "pong"), Two[1]], WireCase.Open) { Answers = 1 },
        new("5.6.2", "5.4", "a ping of 125 bytes between two fragments", [Two[0], Frame(Ping, new string('p', 125)), Two[1]], WireCase.Open)
        {
            Answers = 1, Pongs = [new string('p', 125)],
        },
        new("5.6.3", "5.5.2", "a ping inside a message that never ends is answered", [Two[0], Frame(Ping, "ping")], WireCase.Cut) { Pongs = ["ping"], HalfCloses = true },
        new("5.19", "5.4", "a message in five fragments, two pings after the second and two after the fourth",
            [Five[0], Five[1], Frame(Ping, "1"), Frame(Ping, "2"), Five[2], Five[3], Frame(Ping, "3"), Frame(Ping, "4"), Five[4]], WireCase.Open)
        {
            Answers = 1, Pongs = ["1", "2", "3", "4"],
        },
        new("5.21", "5.4", "an empty first fragment", AsksIn(1, 20, 0), WireCase.Open) { Answers = 1 },
        new("5.22", "5.4", "an empty last fragment", AsksIn(1, 20, 20), WireCase.Open) { Answers = 1 },
        new("5.23", "5.4", "empty fragments everywhere", AsksIn(1, 20, 0, 0, 5, 0, 0, 10, 0, 5), WireCase.Open) { Answers = 1 },
        new("5.24", "holi.v1 §2.2", "nothing but empty fragments", Fragments([], 0, 0, 0), 4403),
        new("5.25", "5.4", "two messages in fragments, one after the other", [.. Two, .. AsksIn(2, 30, 3, 3, 3)], WireCase.Open) { Answers = 2 },
        new("5.26", "5.4", "a message in fragments behind a whole one, and another behind it", [Asks(1), .. AsksIn(2, 30, 1), Asks(3)], WireCase.Open) { Answers = 3 },
        new("5.27", "holi.v1 §2.2", "a text message in two fragments", [Frame(Text, "fragment1", fin: false), Frame(Continuation, "fragment2")], 4401),
    ];

    private static IEnumerable<WireCase> Sizes() =>
    [
        new("5.30", "5.4", "a message in fragments of one byte", FragmentsOf(Question(1, 600), 1), WireCase.Open) { Answers = 1 },
        new("5.31", "5.4", "the same with a ping behind each of the first hundred",
            [.. FragmentsOf(Question(1, 600), 1).SelectMany((f, i) => i < 100 ? new[] { f, Frame(Ping, $"{i}") } : [f])], WireCase.Open)
        {
            Answers = 1, Pongs = [.. Enumerable.Range(0, 100).Select(i => $"{i}")],
        },
        new("5.32", "5.4", "fragments of each length encoding", AsksIn(1, 65_536, 125, 126, 127, 128, 60_000), WireCase.Open) { Answers = 1 },
        new("5.33", "holi.v1 §2.2", "fragments that come to the largest message", FragmentsOf(Question(1, 65_536), 1_024), WireCase.Open) { Answers = 1 },
        new("5.34", "holi.v1 §2.2", "fragments that come to one byte more", FragmentsOf(Question(1, 65_537), 1_024), 4402),
        new("5.35", "holi.v1 §2.2", "the refusal does not wait for the end of a message", FragmentsOf(Question(1, 70_000), 1_024)[..^1], 4402),
    ];
}
