using Holi.Gateway.Ops;

namespace Holi.Gateway.Auth;

/// <summary>Which keys the options name.</summary>
internal static class Signing
{
    public static TokenKeys KeysOf(HoliOptions options)
    {
        var auth = options.Auth;
        if (auth.Authority is not null)
            return TokenKeys.FromAuthority(auth.Authority);
        if (auth.Jwks is not null)
            return TokenKeys.FromJwks(auth.Jwks);
        return TokenKeys.FromSharedKey(auth.Key ?? DevelopmentKey.LoadOrMake(options.DataFolder));
    }
}
