using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Holi.Load.Gateways;

/// <summary>
/// Tokens for as many people as a load needs, signed with the gateway's HS256 key (RFC 7515, RFC 7519): the load generator is
/// trusted with that key, as an identity provider would be.
/// </summary>
internal sealed class LoadTokens(byte[] key, string issuer, string audience, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(6);

    public string For(string user, string tenant = "dev", TimeSpan? lifetime = null, string? scope = null, string? tokenId = null)
    {
        var now = time.GetUtcNow();
        var claims = $$"""
            {"sub":"{{user}}","tenant":"{{tenant}}","iss":"{{issuer}}","aud":"{{audience}}","iat":{{now.ToUnixTimeSeconds()}},"exp":{{(now + (lifetime ?? Lifetime)).ToUnixTimeSeconds()}},"jti":"{{tokenId ?? Guid.NewGuid().ToString("N")}}"{{(scope is null ? "" : $",\"scope\":\"{scope}\"")}}}
            """;
        var signed = Encode("""{"alg":"HS256","typ":"JWT"}""") + "." + Encode(claims);
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)));
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
