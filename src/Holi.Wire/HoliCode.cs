namespace Holi.Wire;

/// <summary>What a client does about a code: decided by its range alone, so that unknown codes are safe (codes.md).</summary>
public enum CodeAction : byte
{
    /// <summary>Reconnect at once, after the hint where there is one (4000–4099).</summary>
    RetryNow,
    /// <summary>Reconnect with backoff (4100–4199, and anything that is not a Holi code).</summary>
    RetryLater,
    /// <summary>Get a new token, then reconnect (4200–4299).</summary>
    NewToken,
    /// <summary>Repair what the code names, then go on (4300–4399).</summary>
    Repair,
    /// <summary>A bug on one side: report it, reconnect with a backoff of 30 s or more (4400–4499).</summary>
    ReportAndRetry,
    /// <summary>Give up until the person or the app acts (4500–4599).</summary>
    GiveUp,
    /// <summary>One command or request was refused; the connection goes on (4600–4699).</summary>
    TellApp,
}

/// <summary>The one table of codes: WebSocket close status, Error frames and refused commands (protocol/codes.md).</summary>
public enum HoliCode : ushort
{
    /// <summary>No code: nothing went wrong.</summary>
    None = 0,

    /// <summary>The gateway is shutting down or rebalancing.</summary>
    GoingAway = 4000,
    /// <summary>Nothing was heard for the heartbeat's time.</summary>
    Silent = 4001,

    /// <summary>The gateway takes no further connections or work just now.</summary>
    Overloaded = 4100,
    /// <summary>This user has too many connections.</summary>
    TooManyConnections = 4101,
    /// <summary>This address has too many unauthenticated connections.</summary>
    TooManyFromAddress = 4102,
    /// <summary>Hello did not arrive in time.</summary>
    HelloTimeout = 4103,
    /// <summary>The log cannot be written; nothing is acknowledged until it can.</summary>
    StorageUnavailable = 4104,
    /// <summary>The connection could not be written to for too long.</summary>
    TooSlow = 4105,
    /// <summary>Too many frames of a kind for this user.</summary>
    RateLimited = 4106,

    /// <summary>The token's time is over.</summary>
    TokenExpired = 4200,
    /// <summary>Malformed, wrong key, algorithm, issuer or audience.</summary>
    TokenInvalid = 4201,
    /// <summary>The token was revoked.</summary>
    TokenRevoked = 4202,

    /// <summary>The device's commands are not those the gateway has: ask for a new generation.</summary>
    GenerationForked = 4300,
    /// <summary>Not the device's present generation: ask for a new one.</summary>
    GenerationUnknown = 4301,
    /// <summary>Commands are missing; resume at the seq after the Commit (Error frame only).</summary>
    SeqGap = 4302,
    /// <summary>A later socket of this device was accepted: raise the count of openings.</summary>
    OpeningOutdated = 4303,

    /// <summary>A text message where only binary ones are allowed.</summary>
    TextMessage = 4401,
    /// <summary>A message or frame over its limit.</summary>
    TooLarge = 4402,
    /// <summary>A message without a frame.</summary>
    EmptyMessage = 4403,
    /// <summary>A varint truncated, too long or not in its shortest form.</summary>
    BadVarint = 4404,
    /// <summary>Text that is not UTF-8, contains U+0000, or is over its limit.</summary>
    BadText = 4405,
    /// <summary>Not the MessagePack that the section asks for.</summary>
    BadPayload = 4406,
    /// <summary>A frame or field runs past its end.</summary>
    Truncated = 4407,
    /// <summary>Bytes left over after the last field.</summary>
    TrailingBytes = 4408,
    /// <summary>Unknown kind without the optional bit.</summary>
    UnknownFrame = 4409,
    /// <summary>A frame not allowed in this state or from this side.</summary>
    UnexpectedFrame = 4410,
    /// <summary>Parts out of place, reserved bits set, or not the declared length.</summary>
    BadPart = 4411,
    /// <summary>More than the credit or the window allows.</summary>
    CreditExceeded = 4412,
    /// <summary>A topic number never announced on this connection.</summary>
    UnknownTopicNumber = 4413,
    /// <summary>A committed seq was sent again with other content.</summary>
    SeqReused = 4414,
    /// <summary>An acknowledgement of what was never sent.</summary>
    AckBeyondSent = 4415,
    /// <summary>Too many pings.</summary>
    PingFlood = 4416,
    /// <summary>A field outside its range.</summary>
    BadValue = 4417,

    /// <summary>No common version.</summary>
    VersionUnsupported = 4500,
    /// <summary>A newer connection of this device took over.</summary>
    Fenced = 4501,
    /// <summary>The token is valid but not for this.</summary>
    Forbidden = 4502,
    /// <summary>Repeated attempts at what is not theirs.</summary>
    TooManyViolations = 4503,

    /// <summary>As asked (TopicGone).</summary>
    Done = 4600,
    /// <summary>No longer a member (TopicGone).</summary>
    Removed = 4601,
    /// <summary>A member, but not allowed to do this.</summary>
    RoleTooLow = 4602,
    /// <summary>The content is over its limit.</summary>
    RefusedTooLarge = 4603,
    /// <summary>Absent or not yours: the two look the same.</summary>
    NotFound = 4604,
    /// <summary>A named limit is full.</summary>
    LimitReached = 4605,
    /// <summary>The command's payload, or a publication, breaks a rule.</summary>
    RefusedPayload = 4606,
    /// <summary>The record changed meanwhile; or a publication's key is taken, or it is too late to cancel it.</summary>
    Conflict = 4607,
    /// <summary>A signed note never changes.</summary>
    SignedNote = 4608,
    /// <summary>This gateway does not speak this type or feature.</summary>
    Unsupported = 4609,
    /// <summary>Try this request again later.</summary>
    Busy = 4610,
    /// <summary>A publication's time was over before it was committed.</summary>
    Expired = 4611,
    /// <summary>A publication was cancelled.</summary>
    Cancelled = 4612,
}

/// <summary>What the ranges of <see cref="HoliCode"/> mean.</summary>
public static class HoliCodes
{
    /// <summary>What a client does about <paramref name="code"/>; any WebSocket close status may be passed.</summary>
    public static CodeAction ActionOf(int code) => (code / 100) switch
    {
        40 => CodeAction.RetryNow,
        42 => CodeAction.NewToken,
        43 => CodeAction.Repair,
        44 => CodeAction.ReportAndRetry,
        45 => CodeAction.GiveUp,
        46 => CodeAction.TellApp,
        _ => CodeAction.RetryLater,
    };
}
