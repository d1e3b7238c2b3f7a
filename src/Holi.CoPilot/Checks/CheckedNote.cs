using Holi.CoPilot.Notes;
using Holi.CoPilot.Prompts;

namespace Holi.CoPilot.Checks;

/// <summary>What checks look at: a note's content, and the transcript and the record that it must agree with, as they are and not redacted.</summary>
internal sealed class CheckedNote
{
    private readonly IReadOnlyList<TranscriptSegment> _segments;

    public CheckedNote(NoteRequest request, NoteContent content)
    {
        (Request, Content, _segments) = (request, content, request.Transcript.Segments);
        Record = NotePrompt.Record(request.Patient);
    }

    public NoteRequest Request { get; }

    public NoteContent Content { get; }

    /// <summary>The record in words.</summary>
    public string Record { get; }

    public string Language => Request.Transcript.Language;

    /// <summary>Segments that a statement names.</summary>
    public IEnumerable<TranscriptSegment> Named(IReadOnlyList<int> indexes) => indexes.Select(index => _segments[index]);

    /// <summary>Those, and the ones before and after: an answer belongs to its question.</summary>
    public IEnumerable<TranscriptSegment> Around(IReadOnlyList<int> indexes) => indexes
        .SelectMany(index => Enumerable.Range(index - 1, 3)).Distinct().Where(index => index >= 0 && index < _segments.Count).Order().Select(index => _segments[index]);

    /// <summary>The segment after <paramref name="segment"/>, where somebody else speaks.</summary>
    public TranscriptSegment? ReplyTo(TranscriptSegment segment) =>
        segment.Index + 1 < _segments.Count && _segments[segment.Index + 1] is var next && next.Speaker != segment.Speaker ? next : null;

    /// <summary>Each sentence of the note that the transcript must support, and its place.</summary>
    public IEnumerable<(string Where, string Text, IReadOnlyList<int> Segments)> Statements()
    {
        if (Content.ChiefComplaint is { } complaint)
            yield return ("chiefComplaint", complaint.Text, complaint.Segments);
        foreach (var (key, statements) in Content.Sections)
        {
            for (var i = 0; i < statements.Count; i++)
                yield return ($"sections/{key}/{i}", statements[i].Text, statements[i].Segments);
        }
    }

    /// <summary>Everything else that must be supported, and its place.</summary>
    public IEnumerable<(string Where, string Text, IReadOnlyList<int> Segments)> Entries()
    {
        for (var i = 0; i < Content.Diagnoses.Count; i++)
            yield return ($"diagnoses/{i}", Content.Diagnoses[i].Name, Content.Diagnoses[i].Segments);
        for (var i = 0; i < Content.Medications.Count; i++)
            yield return ($"medications/{i}", $"{Content.Medications[i].Name} {Content.Medications[i].Dose} {Content.Medications[i].Unit}", Content.Medications[i].Segments);
        for (var i = 0; i < Content.FollowUps.Count; i++)
            yield return ($"followUps/{i}", $"{Content.FollowUps[i].Text} {Content.FollowUps[i].When}", Content.FollowUps[i].Segments);
    }

}

/// <summary>What a note says, before it is checked.</summary>
internal sealed record NoteContent(
    NoteStatement? ChiefComplaint,
    IReadOnlyList<(string Key, IReadOnlyList<NoteStatement> Statements)> Sections,
    IReadOnlyList<NoteDiagnosis> Diagnoses,
    IReadOnlyList<NoteMedication> Medications,
    IReadOnlyList<NoteFollowUp> FollowUps);
