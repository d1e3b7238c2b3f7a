using Holi.Wire;

namespace Holi.Gateway.Commit;

/// <summary>Why a publication was not appended, for people: of its code alone, whatever was sent.</summary>
internal static class PublicationReasons
{
    /// <summary>Null where there is nothing to explain.</summary>
    public static string? Of(in PublicationAnswer answer) => answer.Code switch
    {
        HoliCode.None => null,
        HoliCode.NotFound => "There is no such conversation, event to reply to, or publication to cancel.",
        HoliCode.Conflict when answer.TopicName is not null => "It is committed: too late to cancel.",
        HoliCode.Conflict => "The key was used for another publication.",
        HoliCode.RefusedPayload => "deliverAt: it is too far ahead.",
        HoliCode.RefusedTooLarge => "content: it is too large for one event.",
        HoliCode.Expired => "Its time was over.",
        HoliCode.Cancelled => "It was cancelled.",
        HoliCode.Unsupported => "This gateway does not publish that there.",
        _ => "It could not be decided; send it again.",
    };

    /// <summary>True where what was asked has been done, now or before.</summary>
    public static bool IsDone(in PublicationAnswer answer, bool isCancellation) => answer.Result switch
    {
        PublicationResult.Committed or PublicationResult.Scheduled or PublicationResult.Duplicate => true,
        PublicationResult.Cancelled => isCancellation,
        _ => false,
    };
}
