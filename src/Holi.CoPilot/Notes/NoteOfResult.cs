using System.Globalization;
using Holi.CoPilot.Answers;
using Holi.CoPilot.Checks;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Prompts;
using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Notes;

/// <summary>Makes a note of what a provider's attempt came to, as it stands for everybody who asked; how long each of them waited is added when it is handed out. Pure.</summary>
internal static class NoteOfResult
{
    /// <param name="request">What was asked.</param>
    /// <param name="result">A note, whole or in part.</param>
    /// <param name="now">When.</param>
    public static Note Of(NoteRequest request, AttemptResult result, DateTimeOffset now)
    {
        if (result.Cached is { } cached)
            return cached with { Provenance = cached.Provenance with { Source = NoteSource.Cache, IsCached = true } };
        var written = result.Written!;
        var language = request.Transcript.Language;
        var (content, unknown) = RestoredAnswer.Of(written.Answer, request.Kind, request.Transcript.Segments.Count, written.Redaction);
        List<NoteFlag> flags = [.. unknown.Select(where => FlagTexts.Flag(NoteFlagKind.UnknownToken, language, where, []))];
        if (written.PartialUpTo is { } upTo)
            flags.Insert(0, FlagTexts.Flag(NoteFlagKind.PartOfTranscript, language, "", [upTo], upTo.ToString(CultureInfo.InvariantCulture)));
        return NoteAssembly.Of(request, content, flags, new NoteProvenance
        {
            Source = result.Provider.Options.Place == ProviderPlace.Cloud ? NoteSource.Cloud : NoteSource.Local,
            Provider = result.Provider.Options.Name,
            Model = written.Model,
            PromptVersion = NotePrompt.Version,
            WrittenAt = now,
            InputTokens = written.InputTokens,
            OutputTokens = written.OutputTokens,
            Parts = written.Parts,
            IsRepaired = written.IsRepaired,
            IsRedacted = written.Redaction is not null,
        });
    }
}
