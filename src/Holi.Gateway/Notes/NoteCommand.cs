using System.Text;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Transcripts;
using Holi.Gateway.Ops;

namespace Holi.Gateway.Notes;

/// <summary>
/// Writes a note for a person at a terminal: of a file with a transcript as plain text, or with a whole request as JSON. Exit codes: 0 a model wrote it, 3 it is a template,
/// 1 the file cannot be used, 2 the options are wrong.
/// </summary>
internal static class NoteCommand
{
    private const int TemplateExit = 3;

    // A file that is longer is no transcript.
    private const int FileBytesMax = 4 << 20;

    public static async Task<int> RunAsync(IConfiguration settings, NoteCommandLine typed, CancellationToken cancel)
    {
        var options = OptionsReader.Read(settings, out var found);
        List<string> errors = [.. found];
        if (!CommandLine.TryReadLifetime(typed.Budget, out var time) || time > options.CoPilot.Limits.BudgetMax)
            errors.Add($"--budget '{typed.Budget}' is no time: write a number and s or m, like 60s, up to {options.CoPilot.Limits.BudgetMax.TotalMinutes:0}m.");
        if (!NoteForms.Languages.Contains(typed.Language))
            errors.Add($"--language '{typed.Language}' is none of {string.Join(", ", NoteForms.Languages)}: write one of them.");
        if (!Enum.TryParse<NoteKind>(typed.Kind, ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
            errors.Add($"--kind '{typed.Kind}' is none of soap, progress, referral, patientSummary: write one of them.");
        if (errors.Count > 0)
            return OptionErrors.Print(errors);
        try
        {
            var (request, budget) = await ReadAsync(typed, kind, options.Auth.Rules.DefaultTenant ?? "default", new NoteBudget(time), cancel);
            await using var writer = new NoteWriter(options.CoPilot, TimeProvider.System, Seeded());
            var note = await writer.WriteAsync(request with { LocalOnly = request.LocalOnly || typed.LocalOnly }, budget, cancel);
            await Console.Out.WriteAsync(typed.Json ? NoteText.Json(note) : NoteText.Of(note));
            return note.Provenance.Source == NoteSource.Template ? TemplateExit : 0;
        }
        catch (Exception e) when (e is NoteRequestException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{typed.File}: {e.Message}");
            return 1;
        }
    }

    /// <summary>For the jitter of retries: not the same in all processes.</summary>
    public static Random Seeded() => new(Environment.ProcessId);

    private static async Task<(NoteRequest, NoteBudget)> ReadAsync(NoteCommandLine typed, NoteKind kind, string tenant, NoteBudget budget, CancellationToken cancel)
    {
        await using var file = typed.File == "-" ? Console.OpenStandardInput() : File.OpenRead(typed.File);
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, cancel);
        if (bytes.Length > FileBytesMax)
            throw new NoteRequestException($"The file may have {FileBytesMax} bytes.", isTooLarge: true);
        var all = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
        if (all.TrimStart(" \t\r\n\uFEFF"u8) is [(byte)'{', ..] json)
            return NoteBody.Read(json, tenant, budget);
        var transcript = TranscriptText.Read(typed.Language, Encoding.UTF8.GetString(all).TrimStart('\uFEFF'));
        return (new NoteRequest { Tenant = tenant, Kind = kind, Transcript = transcript }, budget);
    }
}

/// <summary>What was typed.</summary>
internal sealed record NoteCommandLine(string File, string Kind, string Language, string Budget, bool LocalOnly, bool Json);
