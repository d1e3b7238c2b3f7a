using Holi.Wire;

namespace Holi.Gateway.Auth;

/// <summary>Who a verified token says this is.</summary>
/// <param name="Tenant">Whose data this is about; satisfies the rule for users.</param>
/// <param name="User">Unique within the tenant.</param>
/// <param name="ExpiresMs">When the token ends, ms since 1970.</param>
/// <param name="TokenId">The token's <c>jti</c>; empty where it has none, and such a token cannot be revoked alone.</param>
/// <param name="Scopes">Space-separated, as in OAuth; what the token is good for besides connecting.</param>
public sealed record TokenIdentity(string Tenant, string User, long ExpiresMs, string TokenId, string Scopes)
{
    /// <summary>True where <paramref name="scope"/> is one of the token's scopes.</summary>
    public bool HasScope(string scope)
    {
        foreach (var range in Scopes.AsSpan().Split(' '))
        {
            if (Scopes.AsSpan(range).SequenceEqual(scope))
                return true;
        }
        return false;
    }
}

/// <summary>What became of a token: an identity, or the code to close with (4200, 4201, 4202, 4100).</summary>
public readonly record struct TokenVerdict(HoliCode Code, TokenIdentity? Identity)
{
    /// <summary>A refusal.</summary>
    public static TokenVerdict Refused(HoliCode code) => new(code, null);
}
