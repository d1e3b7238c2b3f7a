using System.Globalization;

namespace Holi.Load.Scenarios.Flush;

/// <summary>Numbered messages of 128 bytes: what the sender says and the receiver checks.</summary>
internal static class FlushMessages
{
    private const int TextBytes = 128;

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture).PadRight(TextBytes, '.');

    public static int NumberOf(string text) => int.Parse(text.AsSpan(0, text.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
}
