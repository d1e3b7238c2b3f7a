using MessagePack;

namespace Holi.Wire.Tests.Payloads;

/// <summary>Which of MessagePack's forms occur in some payloads, so that a check on generated values can say it met them all.</summary>
internal static class Forms
{
    /// <summary>All but three: extensions are refused, a map in 32 bits has too many keys, a float of 32 bits is asked for elsewhere.</summary>
    public static IEnumerable<byte> All =>
    [
        0x00, 0x80, 0x90, 0xA0, 0xC0, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF,
        0xD0, 0xD1, 0xD2, 0xD3, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xE0,
    ];

    public static IReadOnlySet<byte> In(IEnumerable<byte[]> payloads)
    {
        var found = new HashSet<byte>();
        foreach (var payload in payloads)
        {
            var reader = new MessagePackReader(payload);
            Walk(ref reader, found);
        }
        return found;
    }

    private static void Walk(ref MessagePackReader reader, HashSet<byte> found)
    {
        found.Add(FormOf(reader.NextCode));
        var values = reader.NextMessagePackType switch
        {
            MessagePackType.Array => reader.ReadArrayHeader(),
            MessagePackType.Map => 2 * reader.ReadMapHeader(),
            _ => -1,
        };
        if (values < 0)
            reader.Skip();
        for (; values > 0; values--)
            Walk(ref reader, found);
    }

    // The short forms carry their number or count in the code itself.
    private static byte FormOf(byte code) => code switch
    {
        <= 0x7F => 0x00,
        <= 0x8F => 0x80,
        <= 0x9F => 0x90,
        <= 0xBF => 0xA0,
        >= 0xE0 => 0xE0,
        _ => code,
    };
}
