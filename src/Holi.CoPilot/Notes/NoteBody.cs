using System.Text.Json;
using System.Text.Json.Serialization;
using Holi.CoPilot.Transcripts;

namespace Holi.CoPilot.Notes;

/// <summary>
/// A request for a note as JSON carries it: over HTTP and in a file. The transcript has segments, or is plain text with names before colons. Whose tenant it is, is not for
/// it to say.
/// </summary>
public sealed record NoteBody
{
    /// <summary>Default: soap.</summary>
    public NoteKind Kind { get; init; }

    /// <summary>What was said.</summary>
    public required NoteBodyTranscript Transcript { get; init; }

    /// <summary>What was known before.</summary>
    public PatientContext? Patient { get; init; }

    /// <summary>Nothing of it leaves the building.</summary>
    public bool LocalOnly { get; init; }

    /// <summary>A model is asked, whatever was answered before.</summary>
    public bool Fresh { get; init; }

    /// <summary>How long the caller waits at most; null: as long as is usual.</summary>
    public double? BudgetSeconds { get; init; }

    /// <summary>Tokens that models may write; null: as configured.</summary>
    public int? OutputTokens { get; init; }

    /// <summary>Reads and converts.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="tenant">Of whoever asks.</param>
    /// <param name="usual">The budget of who names none.</param>
    /// <exception cref="NoteRequestException">It is no such JSON. Where in it, the message says; nothing of what stands there.</exception>
    public static (NoteRequest Request, NoteBudget Budget) Read(ReadOnlySpan<byte> json, string tenant, NoteBudget usual)
    {
        ArgumentNullException.ThrowIfNull(usual);
        NoteBody? body;
        try
        {
            body = JsonSerializer.Deserialize(json, NoteBodyJson.Default.NoteBody);
        }
        catch (JsonException e)
        {
            // Of the path only names that we gave: it may end in one that somebody else did.
            throw new NoteRequestException($"The body is not the JSON of a request for a note: look at line {e.LineNumber + 1}.");
        }
        // Half a surrogate pair, and bytes that are not UTF-8.
        catch (InvalidOperationException)
        {
            throw new NoteRequestException("The body has text that is not UTF-8.");
        }
        return body?.ToRequest(tenant, usual) ?? throw new NoteRequestException("The body must be a JSON object.");
    }

    private (NoteRequest, NoteBudget) ToRequest(string tenant, NoteBudget usual)
    {
        if (Transcript is null || (Transcript.Segments is null) == (Transcript.Text is null))
            throw new NoteRequestException("transcript: must have either segments or text.");
        var transcript = Transcript.Text is { } text ? TranscriptText.Read(Transcript.Language, text) : new Transcript(Transcript.Language, Transcript.Segments!);
        var request = new NoteRequest
        {
            Tenant = tenant, Kind = Kind, Transcript = transcript, Patient = Patient ?? new PatientContext(), LocalOnly = LocalOnly, Fresh = Fresh,
        };
        if (BudgetSeconds is not null and not (> 0 and < 86_400))
            throw new NoteRequestException("budgetSeconds: must be more than zero, and less than a day.");
        var time = BudgetSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : usual.Time;
        return (request, new NoteBudget(time, OutputTokens ?? usual.OutputTokens));
    }
}

/// <summary>The transcript in it.</summary>
/// <param name="Language">en, es or pt.</param>
/// <param name="Segments">With speakers and times.</param>
/// <param name="Text">Lines with names before colons.</param>
public sealed record NoteBodyTranscript(string Language, IReadOnlyList<TranscriptSegment>? Segments = null, string? Text = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16,
    Converters = [typeof(SecondsConverter), typeof(NameConverter<NoteKind>)])]
[JsonSerializable(typeof(NoteBody))]
internal sealed partial class NoteBodyJson : JsonSerializerContext;
