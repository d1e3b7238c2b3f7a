using Holi.Gateway.Auth;
using Holi.Wire;

namespace Holi.Simulation.Gateway;

/// <summary>Tokens without cryptography: what a verified one says, in clear. How real ones are verified has tests of its own.</summary>
internal static class SimToken
{
    public static string Make(string tenant, string user, long expiresMs) => $"{tenant}|{user}|{expiresMs}";

    public static TokenVerdict Verify(string token, long nowMs)
    {
        var parts = token.Split('|');
        var expiresMs = long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture);
        return expiresMs <= nowMs
            ? TokenVerdict.Refused(HoliCode.TokenExpired)
            : new TokenVerdict(HoliCode.None, new TokenIdentity(parts[0], parts[1], expiresMs, "", ""));
    }
}
