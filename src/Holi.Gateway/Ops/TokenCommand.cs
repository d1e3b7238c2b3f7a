using Holi.Gateway.Auth;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Ops;

/// <summary>Prints a token, and nothing but the token, on stdout.</summary>
internal static class TokenCommand
{
    public static int Run(IConfiguration settings, string user, string? tenant, string? scopes, string lifetimeText)
    {
        var options = OptionsReader.Read(settings, out var found);
        List<string> errors = [.. found];
        if (!TopicName.IsUser(user))
            errors.Add($"--user '{user}' is not 1–64 of A–Z a–z 0–9 . _ @ -: choose such a name.");
        if (tenant is not null && !TopicName.IsUser(tenant))
            errors.Add($"--tenant '{tenant}' is not 1–64 of A–Z a–z 0–9 . _ @ -: choose such a name.");
        if (!CommandLine.TryReadLifetime(lifetimeText, out var lifetime))
            errors.Add($"--lifetime '{lifetimeText}' is no time: write a number and s, m, h or d, like 12h.");
        if (options.Auth.Authority is not null || options.Auth.Jwks is not null)
            errors.Add("Auth names an authority whose key this gateway does not have: get the token from it.");
        if (errors.Count > 0)
            return OptionErrors.Print(errors);
        var key = Signing.KeysOf(options).Shared!;
        Console.Out.WriteLine(TokenMaker.Make(key, options.Auth.Rules, user, tenant, scopes, lifetime, TimeProvider.System));
        return 0;
    }
}
