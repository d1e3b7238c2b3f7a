using Microsoft.Extensions.Logging;

namespace Holi.CoPilot;

/// <summary>What is logged of the writing of notes: names and words for outcomes, nothing of a request, nothing of what a provider said.</summary>
internal static partial class CoPilotLog
{
    [LoggerMessage(700, LogLevel.Warning, "The provider {Provider} wrote no note: {Outcome}, after {ElapsedMs} ms.")]
    public static partial void NotWritten(ILogger log, string provider, string outcome, long elapsedMs);

    [LoggerMessage(701, LogLevel.Error, "A note could not be put together: {Kind}.")]
    public static partial void Broken(ILogger log, string kind);
}
