using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Holi.Gateway.Auth;

/// <summary>Makes tokens with the shared key: the <c>token</c> command, samples and tests. In production an authority does this.</summary>
public static class TokenMaker
{
    /// <summary>A token for <paramref name="user"/> that keeps <paramref name="rules"/>.</summary>
    public static string Make(
        SymmetricSecurityKey key, TokenRules rules, string user, string? tenant, string? scopes, TimeSpan lifetime, TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>
        {
            ["sub"] = user,
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
        };
        if (tenant is not null)
            claims["tenant"] = tenant;
        if (scopes is not null)
            claims["scope"] = scopes;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = rules.Issuer,
            Audience = rules.Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lifetime,
            Claims = claims,
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
        });
    }
}
