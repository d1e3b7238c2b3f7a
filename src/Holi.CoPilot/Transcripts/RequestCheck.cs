using System.Diagnostics.CodeAnalysis;
using Holi.CoPilot.Notes;

namespace Holi.CoPilot.Transcripts;

/// <summary>Whether a request is one. Pure; says the first thing that is wrong, with its place and without its content.</summary>
internal static class RequestCheck
{
    /// <exception cref="NoteRequestException">It is not.</exception>
    public static void Check(NoteRequest request, NoteBudget budget, CoPilotLimits limits)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(budget);
        Require(!string.IsNullOrEmpty(request.Tenant), "tenant: must be named.");
        Require(Enum.IsDefined(request.Kind), "kind: must be soap, progress, referral or patientSummary.");
        Require(budget.Time > TimeSpan.Zero, "budget: the time must be more than zero.");
        Require(budget.Time <= limits.BudgetMax, $"budget: the time may be {limits.BudgetMax.TotalSeconds:0} s.");
        Require(budget.OutputTokens is null or > 0, "budget: the tokens must be more than zero.");
        CheckTranscript(request.Transcript, limits);
        CheckPatient(request.Patient, limits);
    }

    private static void CheckTranscript(Transcript transcript, CoPilotLimits limits)
    {
        Require(transcript is { Segments: not null }, "transcript: must have segments.");
        Require(NoteForms.Languages.Contains(transcript.Language), "transcript.language: must be en, es or pt.");
        Require(transcript.Segments.Count > 0, "transcript.segments: must have at least one.");
        RequireSize(transcript.Segments.Count <= limits.Segments, $"transcript.segments: may be {limits.Segments}.");
        long chars = 0;
        for (var i = 0; i < transcript.Segments.Count; i++)
        {
            var segment = transcript.Segments[i];
            Require(segment is { Text: not null }, $"transcript.segments[{i}]: must have a text.");
            Require(segment.Index == i, $"transcript.segments[{i}].index: must be {i}, its place.");
            Require(Speakers.All.Contains(segment.Speaker), $"transcript.segments[{i}].speaker: must be doctor, patient, companion or unknown.");
            Require(segment.Start >= TimeSpan.Zero && segment.End >= segment.Start, $"transcript.segments[{i}]: must end after it starts.");
            RequireSize(segment.End <= limits.Duration, $"transcript.segments[{i}]: must end within {limits.Duration.TotalHours:0} hours.");
            chars += segment.Text.Length;
        }
        RequireSize(chars <= limits.TranscriptChars, $"transcript: may have {limits.TranscriptChars} characters.");
        Require(transcript.Segments.Any(segment => !string.IsNullOrWhiteSpace(segment.Text)), "transcript: nothing was said.");
    }

    private static void CheckPatient(PatientContext patient, CoPilotLimits limits)
    {
        Require(patient is { Identifiers: not null }, "patient: must be an object.");
        Require(patient.Age is null or (>= 0 and <= 130), "patient.age: must be in years.");
        CheckTexts("patient.sex", [patient.Sex], limits);
        CheckTexts("patient.problems", patient.Problems, limits);
        CheckTexts("patient.allergies", patient.Allergies, limits);
        CheckList("patient.medications", patient.Medications, entry => [entry.Name, entry.Unit, entry.Frequency], limits);
        CheckList("patient.vitals", patient.Vitals, entry => [entry.Name, entry.Unit], limits);
        CheckList("patient.labs", patient.Labs, entry => [entry.Loinc, entry.Name, entry.Unit], limits);
        var known = patient.Identifiers;
        CheckTexts("patient.identifiers.names", known.Names, limits);
        CheckTexts("patient.identifiers.recordNumbers", known.RecordNumbers, limits);
        CheckTexts("patient.identifiers.phones", known.Phones, limits);
        CheckTexts("patient.identifiers.addresses", known.Addresses, limits);
        CheckTexts("patient.identifiers.emails", known.Emails, limits);
    }

    private static void CheckList<T>(string place, IReadOnlyList<T> entries, Func<T, string?[]> texts, CoPilotLimits limits)
        where T : class
    {
        Require(entries is not null && !entries.Contains(null), $"{place}: must be an array of objects.");
        RequireSize(entries!.Count <= limits.ContextEntries, $"{place}: may have {limits.ContextEntries} entries.");
        foreach (var entry in entries)
            CheckTexts(place, texts(entry), limits);
    }

    private static void CheckTexts(string place, IReadOnlyList<string?> texts, CoPilotLimits limits)
    {
        Require(texts is not null, $"{place}: must be an array.");
        RequireSize(texts!.Count <= limits.ContextEntries, $"{place}: may have {limits.ContextEntries} entries.");
        RequireSize(texts.All(text => text is null || text.Length <= limits.ContextTextChars), $"{place}: a text may have {limits.ContextTextChars} characters.");
    }

    private static void Require([DoesNotReturnIf(false)] bool holds, string problem)
    {
        if (!holds)
            throw new NoteRequestException(problem);
    }

    private static void RequireSize(bool holds, string problem)
    {
        if (!holds)
            throw new NoteRequestException(problem, isTooLarge: true);
    }
}
