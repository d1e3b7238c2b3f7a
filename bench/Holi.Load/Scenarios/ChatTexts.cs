using System.Text.Json;
using System.Text.RegularExpressions;

namespace Holi.Load.Scenarios;

/// <summary>What people say in synthetic consultations: chat content of natural length and in three languages, instead of a filler of 128 bytes.</summary>
internal sealed partial class ChatTexts
{
    /// <summary>More than any run repeats within a second, and a few megabytes at most.</summary>
    private const int TextsMax = 50_000;

    private readonly string[] _texts;

    private ChatTexts(string[] texts) => _texts = texts;

    public int Count => _texts.Length;

    /// <summary>The same number gives the same text.</summary>
    public string this[int number] => _texts[number % _texts.Length];

    /// <summary>Reads a file that <c>Holi.Synthetic export --format jsonl</c> wrote, such as <c>train.jsonl</c>.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static ChatTexts Read(string file)
    {
        try
        {
            var texts = File.ReadLines(file).SelectMany(Turns).Take(TextsMax).ToArray();
            return texts.Length > 0 ? new ChatTexts(texts) : throw new InvalidDataException($"{file} holds no turn of a conversation.");
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file} is no chat-format JSONL of Holi.Synthetic.", problem);
        }
    }

    private static List<string> Turns(string line)
    {
        using var json = JsonDocument.Parse(line);
        var user = json.RootElement.GetProperty("messages").EnumerateArray().First(message => message.GetProperty("role").ValueEquals("user"));
        return [.. user.GetProperty("content").GetString()!.Split('\n').Select(turn => Turn().Match(turn)).Where(turn => turn.Success).Select(turn => turn.Groups[1].Value)];
    }

    // Such as "[01:34] doctor: Do you have diarrhea?"
    [GeneratedRegex(@"^\[\d+:\d{2}\] [a-z]+: (.+)$")]
    private static partial Regex Turn();
}
