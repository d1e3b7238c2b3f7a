using Holi.CoPilot.Providers;

namespace Holi.CoPilot.Fallback;

/// <summary>How much of a transcript goes into one call. Pure. Tokens are estimated: no tokenizer knows all models.</summary>
internal static class Tokens
{
    // English has about four characters in a token, Spanish and Portuguese about three; a part that is a little small does no harm.
    private const double CharsPerToken = 2.8;

    // A part that is smaller than this has no context of its own.
    private const int PartCharsMin = 600;

    /// <summary>Tokens for one answer.</summary>
    /// <param name="options">The provider's.</param>
    /// <param name="budget">The caller's, for all answers; null: as configured.</param>
    /// <param name="spent">Of it.</param>
    public static int ForAnswer(ProviderOptions options, int? budget, long spent)
    {
        var left = budget is { } all ? Math.Max(0, all - spent) : int.MaxValue;
        return (int)Math.Min(left, Math.Min(options.OutputTokens, options.ContextTokens / 2));
    }

    /// <summary>Characters of transcript for one part; null: there is no room beside the rules and the record.</summary>
    /// <param name="options">The provider's.</param>
    /// <param name="answerTokens">Kept for the answer.</param>
    /// <param name="promptChars">Rules and record.</param>
    public static int? PartChars(ProviderOptions options, int answerTokens, int promptChars)
    {
        var chars = ((options.ContextTokens - answerTokens) * CharsPerToken) - promptChars;
        return chars >= PartCharsMin ? (int)chars : null;
    }
}
