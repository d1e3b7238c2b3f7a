using System.Buffers;
using System.Text;
using System.Text.Json;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Answers;

/// <summary>
/// Finds finished statements in an answer that is still being written: <c>/sections/(key)/(n)</c>. What it finds has not been checked. Feed it the text as
/// it comes; it keeps what is not read yet.
/// </summary>
internal sealed class StatementReader
{
    // /sections is a property of the root, its sections are properties of an object in it, and statements are objects in an array in that.
    private const int SectionDepth = 2, StatementDepth = 4;

    private readonly ArrayBufferWriter<byte> _unread = new();
    private readonly ArrayBufferWriter<byte> _statement = new();
    private readonly StringBuilder _before = new();
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 16 });
    private bool _hasBegun, _isBroken, _isInSections;
    private string? _top, _section;

    /// <summary>Statements that <paramref name="text"/> finished.</summary>
    public IReadOnlyList<(string Section, NoteStatement Statement)> Feed(string text)
    {
        if (_isBroken || Begin(text) is not { } json)
            return [];
        _unread.Write(Encoding.UTF8.GetBytes(json));
        var found = new List<(string, NoteStatement)>();
        try
        {
            Read(found);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // It is no JSON. Whoever reads the whole answer says so.
            _isBroken = true;
        }
        return found;
    }

    // Null until there is a brace. Thoughts before it are left out as AnswerReader does, once they are closed.
    private string? Begin(string text)
    {
        if (_hasBegun)
            return text;
        _before.Append(text);
        var all = _before.ToString();
        var isThinking = all.TrimStart().StartsWith("<think>", StringComparison.Ordinal) && !all.Contains("</think>", StringComparison.Ordinal);
        var json = isThinking ? default : AnswerReader.JsonIn(all);
        if (json.Length == 0)
            return null;
        _hasBegun = true;
        return all[all.IndexOf('{', all.Contains("</think>", StringComparison.Ordinal) ? all.LastIndexOf("</think>", StringComparison.Ordinal) : 0)..];
    }

    private void Read(List<(string, NoteStatement)> found)
    {
        var bytes = _unread.WrittenSpan;
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, _state);
        // Where the statement that is being read begins in these bytes; it may have begun in earlier ones.
        var from = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when reader.CurrentDepth == 1:
                    _top = reader.GetString();
                    _isInSections = _top == "sections";
                    break;
                case JsonTokenType.PropertyName when _isInSections && reader.CurrentDepth == SectionDepth:
                    _section = reader.GetString();
                    break;
                case JsonTokenType.StartObject when _isInSections && reader.CurrentDepth == StatementDepth - 1:
                    _statement.ResetWrittenCount();
                    from = (int)reader.TokenStartIndex;
                    break;
                case JsonTokenType.EndObject when _isInSections && reader.CurrentDepth == StatementDepth - 1:
                    _statement.Write(bytes[from..(int)reader.BytesConsumed]);
                    Take(found);
                    from = (int)reader.BytesConsumed;
                    break;
                default:
                    break;
            }
        }
        _state = reader.CurrentState;
        var consumed = (int)reader.BytesConsumed;
        if (_isInSections && consumed > from)
            _statement.Write(bytes[from..consumed]);
        var rest = bytes[consumed..].ToArray();
        _unread.ResetWrittenCount();
        _unread.Write(rest);
    }

    private void Take(List<(string, NoteStatement)> found)
    {
        var json = _statement.WrittenSpan;
        if (_section is not null && JsonSerializer.Deserialize(json, AnswerJson.Default.NoteStatement) is { Text: not null, Segments: not null } statement)
            found.Add((_section, statement));
        _statement.ResetWrittenCount();
    }
}
