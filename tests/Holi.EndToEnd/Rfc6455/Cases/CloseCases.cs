using System.Text;
using static Holi.EndToEnd.Rfc6455.Sent;

namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>7: the close, in all orders. A gateway answers a good close with 1000 and ends the connection; it has nothing to say about the peer's status.</summary>
internal static class CloseCases
{
    private static readonly byte[] Normal = Closes(1000);

    // Of 1012 to 1014 the RFC says nothing; they were registered since. Of 5000 and more it says nothing either, and nobody has given them a meaning.
    private static readonly int[] MayTravel = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4501, 4999];
    private static readonly int[] MustNot = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32_768, 65_535];

    public static IEnumerable<WireCase> All => [.. Orders(), .. Forms(), .. Statuses(), .. GatewayFirst()];

    private static IEnumerable<WireCase> Orders() =>
    [
        new("7.1.1", "5.5.1", "a message, then a close", [Asks(1), Normal], 1000) { Answers = 1 },
        new("7.1.2", "5.5.1", "two closes: the second is not looked at", [Normal, Closes(1002)], 1000),
        new("7.1.3", "5.5.1", "a ping behind a close is not answered", [Normal, Frame(Ping, "late")], 1000),
        new("7.1.4", "5.5.1", "nor is a message", [Normal, Asks(1)], 1000),
        new("7.1.5", "5.4", "a close between two fragments", [Fragments(Question(1, 20), 9)[0], Normal, Fragments(Question(1, 20), 9)[1]], 1000),
        new("7.1.6", "5.5.1", "the largest message, a close, a ping", [Asks(1, 65_536), Normal, Frame(Ping)], 1000) { Answers = 1 },
        new("7.1.7", "5.5.1", "a ping, then a close", [Frame(Ping, "first"), Normal], 1000) { Pongs = ["first"] },
        new("7.1.8", "5.5.1", "what breaks every rule behind a close is not looked at", [Normal, [0xFF, 0x00, 0xFF, 0x7F]], 1000),
        new("7.1.9", "7.1.4", "a close, and the peer's half of the TCP connection with it", [Normal], 1000) { HalfCloses = true },
    ];

    private static IEnumerable<WireCase> Forms() =>
    [
        new("7.3.1", "5.5.1", "a close without a payload", [Frame(Close)], 1000),
        new("7.3.2", "5.5.1", "a close of one byte", [Frame(Close, [0x61])], 1002),
        new("7.3.3", "5.5.1", "a close with a status", [Normal], 1000),
        new("7.3.4", "5.5.1", "a close with a status and a reason", [Closes(1000, "Hello World!"u8.ToArray())], 1000),
        new("7.3.5", "5.5.1", "a close with the longest reason, 123 bytes", [Closes(1000, new byte[123])], 1000),
        new("7.3.6", "5.5", "a reason of one byte more", [Closes(1000, new byte[124])], 1002),
        new("7.3.7", "5.5.1", "the longest reason ends in the middle of a character", [Closes(1000, [.. new byte[121], .. Encoding.UTF8.GetBytes("語")[..2]])], 1007),
        new("7.3.8", "5.5.1", "a wrong status and a wrong reason: the status counts", [Closes(999, [0xFF])], 1002),
    ];

    private static IEnumerable<WireCase> Statuses() =>
    [
        .. MayTravel.Select(status => new WireCase($"7.7.{status}", "7.4", $"status {status}", [Closes(status)], 1000)),
        .. MustNot.Select(status => new WireCase($"7.9.{status}", "7.4", $"status {status}", [Closes(status)], 1002)),
        new("7.9.1", "7.4", "a status that must not travel, with a reason", [Closes(1006, "abnormal"u8.ToArray())], 1002),
    ];

    // A text message makes the gateway close with 4401; what the peer does then.
    private static IEnumerable<WireCase> GatewayFirst() =>
    [
        Refused("7.14.1", "7.1.1", "the peer answers", Closes(4401)),
        Refused("7.14.2", "5.5.1", "the peer still pings, then answers", Frame(Ping, "late"), Closes(4401)),
        Refused("7.14.3", "5.5.1", "the peer still asks, then answers", Asks(1), Closes(4401)),
        Refused("7.14.4", "5.5.1", "the peer closes for its own reason", Closes(1001, "leaving"u8.ToArray())),
        Refused("7.14.5", "5.5.1", "the peer answers without a status", Frame(Close)),
        Refused("7.14.6", "7.1.7", "the peer breaks a rule: the first close stands", Frame(3)),
        Refused("7.14.7", "7.1.7", "the peer answers with a status that must not travel", Closes(1006)),
        Refused("7.14.8", "7.1.5", "the peer is gone") with { HalfCloses = true },
        Refused("7.14.9", "5.5.1", "the peer finishes a message in fragments first", [.. FragmentsOf(Question(1, 30), 10), Closes(4401)]),
        Refused("7.14.10", "5.5.1", "the peer pings a hundred times, then answers", [.. Enumerable.Repeat(Frame(Ping, "late"), 100), Closes(4401)]),
        new("7.15.1", "7.1.7", "a broken rule, then the peer's close", [Frame(3), Normal], 1002),
        new("7.15.2", "7.1.7", "two broken rules: the first counts", [Frame(3), Frame(Binary, rsv: 4)], 1002),
    ];

    private static WireCase Refused(string number, string section, string what, params byte[][] then) =>
        new(number, section, $"the gateway closes, {what}", [Frame(Text, "x")], 4401) { Then = then };
}
