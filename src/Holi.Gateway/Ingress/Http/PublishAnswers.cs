using Holi.Gateway.Commit;
using Holi.Wire;

namespace Holi.Gateway.Ingress.Http;

/// <summary>What became of a publication, in the words of HTTP (backends.md §7). Pure.</summary>
internal static class PublishAnswers
{
    /// <summary>A refusal before it was submitted.</summary>
    public static PublishedItem Of(string? key, PublicationRefusal refusal) =>
        new(key, Word(PublicationResult.Refused), null, null, null, (int)refusal.Code, refusal.Detail);

    /// <summary>What the committer answered.</summary>
    public static PublishedItem Of(string? key, in PublicationAnswer answer) => new(
        key,
        Word(answer.Result),
        answer.TopicName,
        answer.Offset == 0 ? null : answer.Offset,
        answer.DueMs,
        answer.Code == HoliCode.None ? null : (int)answer.Code,
        PublicationReasons.Of(answer));

    /// <summary>True where the item is what was asked for, and not a problem. A cancellation was asked for; a publication under its key was not.</summary>
    public static bool IsDone(PublishedItem item, bool isCancellation) =>
        item.Code is null || (isCancellation && item.Code == (int)HoliCode.Cancelled);

    /// <summary>The status of an answer that stands alone.</summary>
    public static int StatusOf(PublishedItem item, bool isCancellation)
    {
        if (IsDone(item, isCancellation))
            return item.Result == Word(PublicationResult.Scheduled) ? StatusCodes.Status202Accepted : StatusCodes.Status200OK;
        return StatusOf((HoliCode)item.Code!.Value);
    }

    public static int StatusOf(HoliCode code) => code switch
    {
        HoliCode.TokenExpired or HoliCode.TokenInvalid or HoliCode.TokenRevoked => StatusCodes.Status401Unauthorized,
        HoliCode.Forbidden => StatusCodes.Status403Forbidden,
        HoliCode.NotFound => StatusCodes.Status404NotFound,
        HoliCode.Conflict => StatusCodes.Status409Conflict,
        HoliCode.Expired or HoliCode.Cancelled => StatusCodes.Status410Gone,
        HoliCode.RefusedTooLarge => StatusCodes.Status413PayloadTooLarge,
        HoliCode.RateLimited => StatusCodes.Status429TooManyRequests,
        HoliCode.Overloaded or HoliCode.StorageUnavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static string Word(PublicationResult result) => result switch
    {
        PublicationResult.Committed => "committed",
        PublicationResult.Scheduled => "scheduled",
        PublicationResult.Duplicate => "duplicate",
        PublicationResult.Expired => "expired",
        PublicationResult.Cancelled => "cancelled",
        _ => "refused",
    };
}
