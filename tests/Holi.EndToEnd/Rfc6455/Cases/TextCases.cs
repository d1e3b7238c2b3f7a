using static Holi.EndToEnd.Rfc6455.Sent;

namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>
/// 6: UTF-8 (§8.1). Text messages are refused as such, before anybody looks whether they are UTF-8, so what Autobahn tries on them is tried here on
/// the one text that a peer does send on this level: the reason of a close.
/// </summary>
internal static class TextCases
{
    private static readonly (string Number, string What, string Hex)[] Valid =
    [
        ("6.5.1", "Greek, as in κόσμε", "CEBAE1BDB9CF83CEBCCEB5"),
        ("6.6.1", "the shortest of two bytes, U+0080", "C280"),
        ("6.6.2", "the shortest of three bytes, U+0800", "E0A080"),
        ("6.6.3", "the shortest of four bytes, U+10000", "F0908080"),
        ("6.7.1", "the shortest of one byte, U+0000", "00"),
        ("6.9.1", "the longest of one byte, U+007F", "7F"),
        ("6.9.2", "the longest of two bytes, U+07FF", "DFBF"),
        ("6.9.3", "the longest of three bytes, U+FFFF", "EFBFBF"),
        ("6.9.4", "the longest of all, U+10FFFF", "F48FBFBF"),
        ("6.11.1", "before the surrogates, U+D7FF", "ED9FBF"),
        ("6.11.2", "behind the surrogates, U+E000", "EE8080"),
        ("6.11.3", "the replacement character, U+FFFD", "EFBFBD"),
        ("6.22.1", "a noncharacter, U+FFFE", "EFBFBE"),
        ("6.22.2", "a noncharacter, U+1FFFF", "F09FBFBF"),
        ("6.23.1", "a mark of byte order, U+FEFF", "EFBBBF61"),
    ];

    private static readonly (string Number, string What, string Hex)[] Invalid =
    [
        ("6.3.1", "Greek, then a surrogate, then text", "CEBAE1BDB9CF83CEBCCEB5EDA080656469746564"),
        ("6.8.1", "five bytes", "F888808080"),
        ("6.8.2", "six bytes", "FC8480808080"),
        ("6.10.1", "the longest of five bytes", "FBBFBFBFBF"),
        ("6.10.2", "the longest of six bytes", "FDBFBFBFBFBF"),
        ("6.10.3", "beyond U+10FFFF", "F4908080"),
        ("6.12.1", "a continuation byte alone", "80"),
        ("6.12.2", "the last continuation byte alone", "BF"),
        ("6.12.3", "two continuation bytes", "80BF"),
        ("6.12.4", "seven continuation bytes", "80BF80BF80BF80"),
        ("6.13.1", "first bytes of two, each followed by a space", "C020C120C220DF20"),
        ("6.13.2", "first bytes of three, each followed by a space", "E020E120EF20"),
        ("6.13.3", "first bytes of four, each followed by a space", "F020F120F720"),
        ("6.14.1", "cut: two bytes without the last", "C2"),
        ("6.14.2", "cut: three bytes without the last", "E0A0"),
        ("6.14.3", "cut: four bytes without the last", "F09F98"),
        ("6.14.4", "cut: four bytes without the last two, behind text", "68656C6C6FF09F"),
        ("6.15.1", "cut ones one after the other", "C0E080F08080"),
        ("6.16.1", "FE", "FE"),
        ("6.16.2", "FF", "FF"),
        ("6.16.3", "FE FE FF FF", "FEFEFFFF"),
        ("6.17.1", "too long: a slash in two bytes", "C0AF"),
        ("6.17.2", "too long: a slash in three bytes", "E080AF"),
        ("6.17.3", "too long: a slash in four bytes", "F08080AF"),
        ("6.18.1", "too long: U+007F in two bytes", "C1BF"),
        ("6.18.2", "too long: U+07FF in three bytes", "E09FBF"),
        ("6.18.3", "too long: U+FFFF in four bytes", "F08FBFBF"),
        ("6.19.1", "too long: U+0000 in two bytes", "C080"),
        ("6.19.2", "too long: U+0000 in three bytes", "E08080"),
        ("6.20.1", "the first surrogate, U+D800", "EDA080"),
        ("6.20.2", "the last surrogate, U+DFFF", "EDBFBF"),
        ("6.20.3", "a high surrogate, U+DBFF", "EDAFBF"),
        ("6.21.1", "a pair of surrogates", "EDA080EDB080"),
    ];

    public static IEnumerable<WireCase> All =>
    [
        .. Valid.Select(c => new WireCase(c.Number, "8.1", $"reason: {c.What}", [Closes(1000, Convert.FromHexString(c.Hex))], 1000)),
        .. Invalid.Select(c => new WireCase(c.Number, "8.1", $"reason: {c.What}", [Closes(1000, Convert.FromHexString(c.Hex))], 1007)),
        new("6.1.1", "holi.v1 §2.2", "text: valid", [Frame(Text, "Hello-µ@ßöäüàá-UTF-8!!")], 4401),
        new("6.2.1", "holi.v1 §2.2", "text: a character over two fragments", [Frame(Text, "0xC3", fin: false), Frame(Continuation, "0xA9")], 4401),
        new("6.3.2", "holi.v1 §2.2", "text: not UTF-8 is refused as text all the same", [Frame(Text, "0xCEBAEDA080")], 4401),
        new("6.4.1", "holi.v1 §2.2", "text: not UTF-8 in a second fragment", [Frame(Text, "ok", fin: false), Frame(Continuation, "0xF4908080")], 4401),
    ];
}
