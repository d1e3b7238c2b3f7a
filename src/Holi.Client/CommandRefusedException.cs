using Holi.Wire;

namespace Holi.Client;

/// <summary>The gateway refused a command; it had no effect and is not repeated. Sending it again as it is would be refused again.</summary>
public sealed class CommandRefusedException : Exception
{
    internal CommandRefusedException(HoliCode code)
        : base($"The gateway refused the command: {WordsOf(code)} ({(int)code}).") => Code = code;

    /// <summary>Why: 4600–4699.</summary>
    public HoliCode Code { get; }

    private static string WordsOf(HoliCode code) => code switch
    {
        HoliCode.RoleTooLow => "your role does not allow it",
        HoliCode.RefusedTooLarge => "its content is over a limit",
        HoliCode.NotFound => "there is no such conversation, or it is not yours",
        HoliCode.LimitReached => "a limit is full",
        HoliCode.RefusedPayload => "its content breaks a rule",
        HoliCode.Conflict => "the record changed meanwhile",
        HoliCode.SignedNote => "a signed note never changes",
        HoliCode.Unsupported => "this gateway does not know it",
        _ => "see the code",
    };
}
