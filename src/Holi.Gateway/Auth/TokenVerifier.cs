using Holi.Wire;
using Holi.Wire.Payloads;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Holi.Gateway.Auth;

/// <summary>What a token must say.</summary>
/// <param name="Issuer"><c>iss</c>.</param>
/// <param name="Audience"><c>aud</c>.</param>
/// <param name="DefaultTenant">The tenant of a token without a <c>tenant</c> claim; null where every token must name one.</param>
/// <param name="Skew">How far its times may be off.</param>
public sealed record TokenRules(string Issuer, string Audience, string? DefaultTenant, TimeSpan Skew);

/// <summary>
/// Verifies tokens (RFC 7519): signature by a pinned algorithm, issuer, audience, time, and who it names. What was wrong is told by code
/// alone; nothing of the token is in any message. Thread-safe.
/// </summary>
public sealed class TokenVerifier
{
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = WireLimits.TokenBytesMax };
    private readonly TokenValidationParameters _parameters;
    private readonly BaseConfigurationManager? _published;
    private readonly TokenRules _rules;
    private readonly RevokedTokens _revoked;
    private readonly TimeProvider _time;
    private string _lastTenant = "";

    public TokenVerifier(TokenKeys keys, TokenRules rules, RevokedTokens revoked, TimeProvider time)
    {
        _rules = rules;
        _revoked = revoked;
        _time = time;
        _published = keys.Published;
        _parameters = new TokenValidationParameters
        {
            ValidAlgorithms = keys.Algorithms,
            IssuerSigningKey = keys.Shared,
            ConfigurationManager = keys.Published,
            // A token without a kid, or with an unknown one, is not tried against every key at hand.
            TryAllIssuerSigningKeys = keys.Shared is not null,
            ValidIssuer = rules.Issuer,
            ValidAudience = rules.Audience,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            // Time is judged below, by the TimeProvider: the library asks the wall clock.
            ValidateLifetime = false,
            ValidateIssuerSigningKey = true,
            // Claims are read from the token itself; building identities would be work for nothing.
            NameClaimType = "sub",
        };
    }

    /// <summary>Verifies one token. Completes at once, unless published keys must be fetched.</summary>
    public async ValueTask<TokenVerdict> VerifyAsync(string token)
    {
        if (_published is not null && !await CanVerifyAsync(_published).ConfigureAwait(false))
            return TokenVerdict.Refused(HoliCode.Overloaded);
        TokenValidationResult result;
        try
        {
            result = await _handler.ValidateTokenAsync(token, _parameters).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException)
        {
            return TokenVerdict.Refused(HoliCode.TokenInvalid);
        }
        return result.IsValid && result.SecurityToken is JsonWebToken jwt ? Judge(jwt) : TokenVerdict.Refused(HoliCode.TokenInvalid);
    }

    private TokenVerdict Judge(JsonWebToken jwt)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        if (jwt.ValidTo == DateTime.MinValue)
            return TokenVerdict.Refused(HoliCode.TokenInvalid);
        if (jwt.ValidTo + _rules.Skew <= now)
            return TokenVerdict.Refused(HoliCode.TokenExpired);
        if (jwt.ValidFrom != DateTime.MinValue && jwt.ValidFrom - _rules.Skew > now)
            return TokenVerdict.Refused(HoliCode.TokenInvalid);

        var user = jwt.Subject ?? "";
        var tenant = Shared(Claim(jwt, "tenant") ?? _rules.DefaultTenant ?? "");
        if (!TopicName.IsUser(user) || !TopicName.IsUser(tenant))
            return TokenVerdict.Refused(HoliCode.TokenInvalid);
        var tokenId = jwt.Id ?? "";
        if (_revoked.Contains(tokenId))
            return TokenVerdict.Refused(HoliCode.TokenRevoked);
        var expiresMs = new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero).ToUnixTimeMilliseconds();
        return new TokenVerdict(HoliCode.None, new TokenIdentity(tenant, user, expiresMs, tokenId, Claim(jwt, "scope") ?? ""));
    }

    // Thousands of connections name the same few tenants.
    private string Shared(string tenant)
    {
        var known = Volatile.Read(ref _lastTenant);
        if (known == tenant)
            return known;
        Volatile.Write(ref _lastTenant, tenant);
        return tenant;
    }

    private static string? Claim(JsonWebToken jwt, string name) =>
        jwt.TryGetPayloadValue<string>(name, out var value) ? value : null;

    // Where published keys were never fetched and cannot be now, the device did nothing wrong and should come back. Later failures do not matter
    // here: what was fetched is kept.
    private static async ValueTask<bool> CanVerifyAsync(BaseConfigurationManager published)
    {
        try
        {
            await published.GetBaseConfigurationAsync(CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
