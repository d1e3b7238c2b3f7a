using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Holi.EndToEnd.Gateways;

/// <summary>Tokens (RFC 7515, RFC 7519) with whatever a test wants in them.</summary>
internal static class SignedToken
{
    /// <param name="algorithm">What the header says; HS512 and HS256 are signed so, anything else as HS256.</param>
    /// <param name="claims">JSON.</param>
    /// <param name="key">Null: no signature.</param>
    public static string Make(string algorithm, string claims, byte[]? key)
    {
        var signed = Encode($$"""{"alg":"{{algorithm}}","typ":"JWT"}""") + "." + Encode(claims);
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = key is null ? [] : algorithm == "HS512" ? HMACSHA512.HashData(key, bytes) : HMACSHA256.HashData(key, bytes);
        return signed + "." + Base64Url.EncodeToString(signature);
    }

    /// <summary>Claims that a gateway of the tests accepts, and more.</summary>
    /// <param name="lifetime">From now on; an hour if it is not given.</param>
    /// <param name="more">Further claims, as JSON, each with a comma before it.</param>
    public static string Claims(string user = "ana", string issuer = "holi", string audience = "holi", TimeSpan? lifetime = null, string more = "")
    {
        var now = TimeProvider.System.GetUtcNow();
        var (issued, expires) = ((now - TimeSpan.FromHours(1)).ToUnixTimeSeconds(), (now + (lifetime ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds());
        return $$"""{"sub":"{{user}}","tenant":"dev","iss":"{{issuer}}","aud":"{{audience}}","iat":{{issued}},"exp":{{expires}}{{more}}}""";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
