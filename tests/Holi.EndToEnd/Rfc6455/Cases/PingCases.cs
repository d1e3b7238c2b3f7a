using static Holi.EndToEnd.Rfc6455.Sent;

namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>2: pings and pongs (§5.5.2, §5.5.3).</summary>
internal static class PingCases
{
    private static readonly string Longest = "0x" + string.Concat(Enumerable.Repeat("FE", 125));
    private static readonly string[] Ten = [.. Enumerable.Range(0, 10).Select(i => $"payload-{i}")];

    public static IEnumerable<WireCase> All =>
    [
        Answered("2.1", "a ping without a payload", ""),
        Answered("2.2", "a ping with text", "Hello, world!"),
        Answered("2.3", "a ping with bytes that are no text", "0x00FFFEFDFCFB00FF"),
        Answered("2.4", "a ping of 125 bytes", Longest),
        new("2.5", "5.5", "a ping of 126 bytes", [Frame(Ping, new byte[126])], 1002),
        new("2.7", "5.5.3", "a pong that nobody asked for", [Frame(Pong), Asks(1)], WireCase.Open) { Answers = 1 },
        new("2.8", "5.5.3", "a pong that nobody asked for, with a payload", [Frame(Pong, "unsolicited"), Asks(1)], WireCase.Open) { Answers = 1 },
        new("2.9", "5.5.3", "a pong that nobody asked for, then a ping", [Frame(Pong, "unsolicited"), Frame(Ping, "ping")], WireCase.Open) { Pongs = ["ping"] },
        new("2.10", "5.5.3", "ten pings", [.. Ten.Select(t => Frame(Ping, t))], WireCase.Open) { Pongs = Ten },
        new("2.12", "5.5", "a pong of 126 bytes", [Frame(Pong, new byte[126])], 1002),
        new("2.13", "5.5", "a ping whose length takes 64 bits", [Frame(Ping, new byte[65_536])], 1002),
        new("2.14", "5.2", "a ping of 3 bytes, length in 16 bits", [Frame(Ping, new byte[3], form: LengthForm.Two)], 1002),
        new("2.15", "5.5.2", "pings between whole messages", [Frame(Ping, "a"), Asks(1), Frame(Ping, "b"), Asks(2, 70), Frame(Ping, "c")], WireCase.Open)
        {
            Answers = 2, Pongs = ["a", "b", "c"],
        },
        .. Enumerable.Range(1, 17).Select(length => Answered($"2.16.{length}", $"a ping of {length} bytes: every end of a mask", new string('x', length))),
    ];

    private static WireCase Answered(string number, string what, string payload) =>
        new(number, "5.5.2", what, [Frame(Ping, payload)], WireCase.Open) { Pongs = [payload] };
}
