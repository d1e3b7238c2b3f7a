using System.Text;
using Holi.Wire;

namespace Holi.Gateway.Connections.Sockets;

/// <summary>The reason text of a close frame: the code's name in codes.md, and never anything that a peer sent (§2.3).</summary>
internal static class CloseReasons
{
    private static readonly Dictionary<HoliCode, string> Names =
        Enum.GetValues<HoliCode>().ToDictionary(code => code, code => Hyphenated(code.ToString()));

    public static string Of(HoliCode code) => Names.GetValueOrDefault(code, "");

    private static string Hyphenated(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }
}
