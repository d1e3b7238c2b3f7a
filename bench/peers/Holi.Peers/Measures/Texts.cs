using System.Buffers.Text;
using System.Globalization;

namespace Holi.Peers.Measures;

/// <summary>Texts of 128 bytes that begin with their number, so that a receiver can tell what is missing, doubled or out of order.</summary>
internal static class Texts
{
    public const int Bytes = 128;

    private const int Digits = 10;

    public static byte[] Make(int number)
    {
        var text = new byte[Bytes];
        text.AsSpan().Fill((byte)'x');
        number.TryFormat(text, out _, "D10", CultureInfo.InvariantCulture);
        return text;
    }

    public static int NumberOf(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text[..Digits], out int number, out _) ? number : throw new IOException("A text without a number arrived.");
}
