using System.Globalization;

namespace Holi.ModelServer;

/// <summary>
/// How a request is served. In words:
/// <code>
/// ok                      a note, in the form that was asked for
/// slow MS                 a note, after a while
/// status CODE [RETRY]     refused; RETRY is the value of Retry-After: seconds or an HTTP date
/// hang                    nothing, for ever
/// hang-midway             half of the note, then nothing
/// cut                     half of the note, then the connection is reset
/// cut-clean               half of the note, then an orderly end without any finish reason
/// error-midway            half of the note, then an error of the provider in the answer
/// malformed               words that are no JSON
/// schema                  JSON that is no note
/// lie-stop                half of the note, and "stop" as if it were whole
/// lie-length              all of the note, and "length" as if it were not
/// length                  half of the note, and "length"
/// oversized               a text without end
/// empty                   no text
/// refusal                 the model declines
/// garbage                 not even the protocol
/// text                    the text that was set with "text" in /control
/// </code>
/// </summary>
internal sealed record Behaviour(string Kind, string Argument = "", string Argument2 = "")
{
    public static Behaviour Ok { get; } = new("ok");

    public static Behaviour Parse(string words)
    {
        var parts = words.Split(' ', 3);
        return new Behaviour(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
    }

    public int Number => int.Parse(Argument, CultureInfo.InvariantCulture);

    /// <summary>Half of the text is sent.</summary>
    public bool IsHalf => Kind is "hang-midway" or "cut" or "cut-clean" or "error-midway" or "lie-stop" or "length";
}
