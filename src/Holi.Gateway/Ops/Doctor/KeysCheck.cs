using System.Runtime.CompilerServices;
using Holi.Gateway.Auth;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Holi.Gateway.Ops.Doctor;

/// <summary>Are tokens signed by somebody who should, and are the keys of an authority to be had?</summary>
internal static class KeysCheck
{
    private const string Subject = "keys";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async IAsyncEnumerable<Finding> LookAsync(
        HoliOptions options, string? keyFile, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (options.Auth.IsDevelopment)
        {
            yield return Finding.Warning(
                Subject, "tokens are signed with a development key in the data folder", "whoever reads that folder can be anybody",
                "name your authority (Auth:Authority, Auth:Jwks) or a key of your own (Auth:KeyFile)");
        }
        else if (options.Auth.Key is not null)
        {
            yield return OfKeyFile(keyFile);
        }
        else
        {
            yield return await OfAuthorityAsync(options, cancel);
        }
    }

    private static Finding OfKeyFile(string? path)
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (string.IsNullOrEmpty(path) || OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & others) == 0)
            return Finding.Fine(Subject, "one shared key (HS256)");
        return Finding.Warning(
            Subject, $"others than its owner may read or write {path}", "whoever knows the key can be anybody", $"chmod 600 {path}");
    }

    private static async Task<Finding> OfAuthorityAsync(HoliOptions options, CancellationToken cancel)
    {
        var address = options.Auth.Authority ?? options.Auth.Jwks!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        var why = "no token can be verified, so nobody gets in";
        try
        {
            var found = await Signing.KeysOf(options).Published!.GetBaseConfigurationAsync(patience.Token);
            if (found.SigningKeys.Count == 0)
                return Finding.Problem(Subject, $"{address} publishes no keys", why, "check the address, and that the authority signs with RS256 or ES256");
            return found is OpenIdConnectConfiguration { Issuer: { Length: > 0 } issuer } && issuer != options.Auth.Rules.Issuer
                ? Finding.Problem(
                    Subject, $"{address} calls itself '{issuer}', and Auth:Issuer is '{options.Auth.Rules.Issuer}'", why, "set Auth:Issuer to what the authority calls itself")
                : Finding.Fine(Subject, $"{found.SigningKeys.Count} of {address}");
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or OperationCanceledException or ArgumentException)
        {
            cancel.ThrowIfCancellationRequested();
            return Finding.Problem(Subject, $"{address} cannot be read ({e.GetType().Name})", why, "check the address, its certificate, and that this machine may reach it");
        }
    }
}
