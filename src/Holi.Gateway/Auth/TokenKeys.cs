using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Holi.Gateway.Auth;

/// <summary>
/// Where the keys that sign tokens come from, and with it which algorithms may be used: a shared key signs by HS256 only, published keys
/// by RS256 or ES256 only. Never both, so that a public key can never be used as a shared one.
/// </summary>
public sealed class TokenKeys
{
    /// <summary>RFC 7518 §3.2: a key for HS256 has at least as many bits as the hash.</summary>
    public const int SharedKeyBytesMin = 32;

    private static readonly string[] SharedAlgorithms = [SecurityAlgorithms.HmacSha256];
    private static readonly string[] PublishedAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    private TokenKeys(SymmetricSecurityKey? shared, BaseConfigurationManager? published)
    {
        Shared = shared;
        Published = published;
    }

    /// <summary>The shared key; null where keys are published.</summary>
    public SymmetricSecurityKey? Shared { get; }

    /// <summary>Fetches and keeps published keys; null where one key is shared.</summary>
    public BaseConfigurationManager? Published { get; }

    /// <summary>The only algorithms accepted.</summary>
    public IReadOnlyList<string> Algorithms => Shared is null ? PublishedAlgorithms : SharedAlgorithms;

    /// <summary>One key for whoever signs and for this gateway.</summary>
    public static TokenKeys FromSharedKey(byte[] key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, SharedKeyBytesMin);
        return new TokenKeys(new SymmetricSecurityKey(key), null);
    }

    /// <summary>The keys that an OIDC authority publishes.</summary>
    public static TokenKeys FromAuthority(Uri authority) =>
        Fetched(new Uri(WithSlash(authority), ".well-known/openid-configuration"), new OpenIdConnectConfigurationRetriever());

    /// <summary>The keys of a JWKS document (RFC 7517).</summary>
    public static TokenKeys FromJwks(Uri document) => Fetched(document, new JwksRetriever());

    /// <summary>Keys that are here already; for tests.</summary>
    public static TokenKeys FromPublished(BaseConfigurationManager published) => new(null, published);

    private static TokenKeys Fetched(Uri address, IConfigurationRetriever<OpenIdConnectConfiguration> retriever)
    {
        // Plain HTTP is for an authority on the same machine; the options refuse it elsewhere.
        var documents = new HttpDocumentRetriever { RequireHttps = address.Scheme == Uri.UriSchemeHttps };
        return new TokenKeys(null, new ConfigurationManager<OpenIdConnectConfiguration>(address.AbsoluteUri, retriever, documents));
    }

    private static Uri WithSlash(Uri address) => address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");

    private sealed class JwksRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
    {
        public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(
            string address, IDocumentRetriever retriever, CancellationToken cancel)
        {
            var keys = new JsonWebKeySet(await retriever.GetDocumentAsync(address, cancel));
            var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
            foreach (var key in keys.GetSigningKeys())
                configuration.SigningKeys.Add(key);
            return configuration;
        }
    }
}
