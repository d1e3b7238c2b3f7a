namespace Holi.CoPilot.Providers;

/// <summary>
/// Why a provider gave no answer. What follows from it:
/// <code>
///               asked again   counts against it
/// Unreachable   yes           yes     nothing listens, or the connection broke before the answer began
/// Timeout       no            (1)     silent for too long, or its share of the time was over
/// Refused       no            yes     401, 403: the key
/// Throttled     (2)           yes     429
/// Overloaded    (2)           yes     503, 529
/// Failed        yes           yes     500 and other failures of its own
/// Rejected      no            no      400 and the like: this request, or the configuration
/// Cut           yes           yes     the answer broke off
/// TooLarge      no            yes     the answer did not end
/// Invalid       no            yes     the answer is no note, also after it was repaired
/// Declined      no            no      the model would not answer this request
/// TooLong       no            no      the transcript does not fit, in however many parts
/// RateLimited   no            no      our own limit for it
/// CircuitOpen   no            no      it failed too often, and is left alone
/// NoTime        no            no      there was none left to ask it
/// Outrun        no            no      another provider answered first
/// (1) once it had CoPilotLimits.Patience   (2) where it said when, and that is soon enough
/// </code>
/// </summary>
internal enum ProviderFailure
{
    Unreachable,
    Timeout,
    Refused,
    Throttled,
    Overloaded,
    Failed,
    Rejected,
    Cut,
    TooLarge,
    Invalid,
    Declined,
    TooLong,
    RateLimited,
    CircuitOpen,
    NoTime,
    Outrun,
}

/// <summary>What follows from a failure. Pure.</summary>
internal static class FailureRules
{
    /// <summary>Whether the same call may succeed a little later.</summary>
    public static bool MayPass(ProviderFailure failure) => failure is
        ProviderFailure.Unreachable or ProviderFailure.Throttled or ProviderFailure.Overloaded or ProviderFailure.Failed or ProviderFailure.Cut;

    /// <summary>Whether it opens the provider's circuit.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="waited">How long the provider had.</param>
    /// <param name="patience">How long it must have had for its silence to count.</param>
    public static bool CountsAgainst(ProviderFailure failure, TimeSpan waited, TimeSpan patience) => failure switch
    {
        ProviderFailure.Timeout => waited >= patience,
        ProviderFailure.Rejected or ProviderFailure.Declined or ProviderFailure.TooLong or ProviderFailure.RateLimited or ProviderFailure.CircuitOpen
            or ProviderFailure.NoTime or ProviderFailure.Outrun => false,
        _ => true,
    };

    /// <summary>What a status means.</summary>
    public static ProviderFailure OfStatus(int status) => status switch
    {
        401 or 403 => ProviderFailure.Refused,
        408 or 504 => ProviderFailure.Failed,
        429 => ProviderFailure.Throttled,
        503 or 529 => ProviderFailure.Overloaded,
        >= 500 => ProviderFailure.Failed,
        _ => ProviderFailure.Rejected,
    };

    /// <summary>The word for it, in provenance and metrics.</summary>
    public static string Word(ProviderFailure failure) => failure switch
    {
        ProviderFailure.TooLarge => "tooLarge",
        ProviderFailure.TooLong => "tooLong",
        ProviderFailure.RateLimited => "rateLimited",
        ProviderFailure.CircuitOpen => "circuitOpen",
        ProviderFailure.NoTime => "noTime",
        _ => failure.ToString().ToLowerInvariant(),
    };
}

/// <summary>A provider gave no answer. The message is the word for why; nothing of what was sent or received is in it, or in what it wraps.</summary>
internal sealed class ProviderFailedException(ProviderFailure failure, TimeSpan? retryAfter = null) : Exception(FailureRules.Word(failure))
{
    public ProviderFailure Failure => failure;

    /// <summary>When the provider wants to be asked again, if it said so.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>How long the provider had.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>It was not called at all: its rate, or its own wish to be left alone.</summary>
    public bool IsHeldBack { get; init; }

    /// <summary>
    /// Why <paramref name="e"/> happened. Libraries wrap what their transport throws; what they throw of their own may repeat what the provider sent, so only its kind
    /// is kept.
    /// </summary>
    public static ProviderFailedException Of(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is ProviderFailedException known)
                return known;
        }
        return new ProviderFailedException(e is HttpRequestException or IOException ? ProviderFailure.Cut : ProviderFailure.Failed);
    }
}
