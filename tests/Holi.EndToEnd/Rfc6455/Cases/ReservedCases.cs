using static Holi.EndToEnd.Rfc6455.Sent;

namespace Holi.EndToEnd.Rfc6455.Cases;

/// <summary>3: reserved bits without an extension that would give them a meaning; 4: opcodes that have none (§5.2).</summary>
internal static class ReservedCases
{
    public static IEnumerable<WireCase> All => [.. Bits(), .. Opcodes()];

    private static IEnumerable<WireCase> Bits()
    {
        for (var rsv = 1; rsv <= 7; rsv++)
        {
            yield return Refused($"3.{rsv}.1", $"RSV={rsv} in a message", Frame(Binary, Question(9, 3), rsv: rsv), Frame(Ping));
            yield return Refused($"3.{rsv}.2", $"RSV={rsv} in a text message", Frame(Text, "Hello", rsv: rsv));
            yield return Refused($"3.{rsv}.3", $"RSV={rsv} in a ping", Frame(Ping, "Hello", rsv: rsv));
            yield return Refused($"3.{rsv}.4", $"RSV={rsv} in a pong", Frame(Pong, "Hello", rsv: rsv));
            yield return Refused($"3.{rsv}.5", $"RSV={rsv} in a close", Frame(Close, [0x03, 0xE8], rsv: rsv));
            yield return Refused($"3.{rsv}.6", $"RSV={rsv} in a first fragment", Frame(Binary, Question(9, 3)[..1], fin: false, rsv: rsv));
            yield return Refused(
                $"3.{rsv}.7", $"RSV={rsv} in a continuation", Frame(Binary, Question(9, 3)[..1], fin: false), Frame(Continuation, Question(9, 3)[1..], rsv: rsv));
        }
    }

    private static IEnumerable<WireCase> Opcodes()
    {
        foreach (var (group, opcodes) in new[] { ("4.1", new[] { 3, 4, 5, 6, 7 }), ("4.2", [11, 12, 13, 14, 15]) })
        {
            foreach (var opcode in opcodes)
            {
                var number = $"{group}.{opcode - opcodes[0] + 1}";
                yield return new($"{number}.1", "5.2", $"opcode {opcode}, empty, first of all", [Frame(opcode)], 1002);
                yield return Refused($"{number}.2", $"opcode {opcode} with a payload", Frame(opcode, "reserved"), Frame(Ping));
                yield return Refused($"{number}.3", $"opcode {opcode} without FIN", Frame(opcode, "reserved", fin: false));
                yield return Refused($"{number}.4", $"opcode {opcode} inside a message", Frame(Binary, [3], fin: false), Frame(opcode), Frame(Continuation, [1, 7]));
            }
        }
    }

    // A good message before it is answered; nothing behind it is.
    private static WireCase Refused(string number, string what, params byte[][] frames) =>
        new(number, "5.2", what, [Asks(1), .. frames], 1002) { Answers = 1 };
}
