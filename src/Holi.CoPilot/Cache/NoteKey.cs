using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Holi.CoPilot.Notes;
using Holi.CoPilot.Prompts;

namespace Holi.CoPilot.Cache;

/// <summary>
/// What two requests must have in common to share a note: everything. The system before this one hashed the first 24 bytes of the transcript, and two consultations that
/// opened alike shared one patient's note (lesson 10). Pure.
/// </summary>
internal static class NoteKey
{
    /// <summary>
    /// SHA-256, in hexadecimal, over the whole request (tenant, kind, language, each segment, the whole context, identifiers, too), the provider, its model, whether
    /// identifiers are taken out, and the version of the prompt.
    /// </summary>
    public static string Of(NoteRequest request, string provider, string model, bool isRedacted)
    {
        // How it is asked is no part of what is asked.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(Normal(request) with { LocalOnly = false, Fresh = false }, NoteJson.Default.NoteRequest);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Encoding.UTF8.GetBytes(NotePrompt.Version));
        Add(hash, Encoding.UTF8.GetBytes(provider));
        Add(hash, Encoding.UTF8.GetBytes(model));
        Add(hash, [isRedacted ? (byte)1 : (byte)0]);
        Add(hash, bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // With its length before it: no two different lists of values make the same bytes.
    private static void Add(IncrementalHash hash, byte[] bytes)
    {
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }

    // Blanks at the ends and runs of them say nothing; everything else may.
    private static NoteRequest Normal(NoteRequest request) => request with
    {
        Transcript = request.Transcript with
        {
            Segments = [.. request.Transcript.Segments.Select(segment => segment with { Text = Normal(segment.Text) })],
        },
    };

    private static string Normal(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
