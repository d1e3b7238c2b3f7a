using System.Security.Cryptography;
using System.Text;
using Holi.Gateway.Auth;
using Holi.Wire;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Holi.Gateway.Tests.Auth;

public sealed class TokenVerifierTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TokenRules Rules = new("issuer", "holi", "default", TimeSpan.FromSeconds(2));

    private readonly FakeTimeProvider _time = new(Start);
    private readonly RevokedTokens _revoked = new(10);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _rsa.Dispose();
        _ec.Dispose();
    }

    [Fact]
    public async Task A_good_token_names_tenant_user_and_expiry()
    {
        var verdict = await Shared().VerifyAsync(Make(claims: c => c["tenant"] = "clinic"));
        verdict.Code.ShouldBe(HoliCode.None);
        verdict.Identity.ShouldBe(new TokenIdentity("clinic", "ana@example.org", Start.AddHours(1).ToUnixTimeMilliseconds(), "id-1", ""));
    }

    [Fact]
    public async Task A_token_without_a_tenant_is_of_the_default_one_or_of_none()
    {
        (await Shared().VerifyAsync(Make())).Identity!.Tenant.ShouldBe("default");
        (await Shared(Rules with { DefaultTenant = null }).VerifyAsync(Make())).Code.ShouldBe(HoliCode.TokenInvalid);
    }

    public static TheoryData<string> Bad() => new("algorithm none", "another key", "another issuer", "no issuer", "another audience", "no audience",
        "no subject", "subject with a space", "tenant with a slash", "no expiry", "not yet valid", "signature cut off", "payload changed", "not a token",
        "two dots", "empty", "HS512", "signed with RS256");

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task What_is_wrong_with_a_token_is_always_the_same_code(string what)
    {
        var good = Make();
        var token = what switch
        {
            "algorithm none" => $"{Part("{\"alg\":\"none\",\"typ\":\"JWT\"}")}.{good.Split('.')[1]}.",
            "another key" => Make(key: new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32))),
            "another issuer" => Make(d => d.Issuer = "someone"),
            "no issuer" => Make(d => d.Issuer = null),
            "another audience" => Make(d => d.Audience = "other"),
            "no audience" => Make(d => d.Audience = null),
            "no subject" => Make(claims: c => c.Remove("sub")),
            "subject with a space" => Make(claims: c => c["sub"] = "ana b"),
            "tenant with a slash" => Make(claims: c => c["tenant"] = "a/b"),
            "no expiry" => Make(d => d.Expires = null),
            "not yet valid" => Make(d => d.NotBefore = Start.UtcDateTime.AddMinutes(5)),
            "signature cut off" => good[..(good.LastIndexOf('.') + 1)],
            "payload changed" => Changed(good),
            "two dots" => "..",
            "empty" => "",
            "HS512" => Make(algorithm: SecurityAlgorithms.HmacSha512, key: new SymmetricSecurityKey([.. _secret, .. _secret])),
            "signed with RS256" => Make(algorithm: SecurityAlgorithms.RsaSha256, key: new RsaSecurityKey(_rsa)),
            _ => "nonsense",
        };
        var verdict = await Shared().VerifyAsync(token);
        verdict.Code.ShouldBe(HoliCode.TokenInvalid);
        verdict.Identity.ShouldBeNull();
    }

    [Fact]
    public async Task Expiry_allows_for_clocks_two_seconds_apart_and_no_more()
    {
        var token = Make();
        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        (await Shared().VerifyAsync(token)).Code.ShouldBe(HoliCode.None);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await Shared().VerifyAsync(token)).Code.ShouldBe(HoliCode.TokenExpired);
    }

    [Fact]
    public async Task A_revoked_token_is_refused_and_whoever_uses_it_is_told()
    {
        var told = new List<string>();
        _revoked.Revoked += told.Add;
        _revoked.Revoke("id-1", Start.AddHours(1).ToUnixTimeMilliseconds(), Start.ToUnixTimeMilliseconds()).ShouldBeTrue();
        (await Shared().VerifyAsync(Make())).Code.ShouldBe(HoliCode.TokenRevoked);
        told.ShouldBe(["id-1"]);
    }

    [Fact]
    public void The_list_of_revoked_tokens_is_bounded_and_forgets_what_has_expired()
    {
        for (var i = 0; i < 10; i++)
            _revoked.Revoke($"t{i}", 100, nowMs: 50).ShouldBeTrue();
        _revoked.Revoke("one more", 100, nowMs: 60).ShouldBeFalse();
        _revoked.Revoke("one more", 300, nowMs: 200).ShouldBeTrue();
        _revoked.Contains("t1").ShouldBeFalse();
        _revoked.Contains("one more").ShouldBeTrue();
    }

    [Theory]
    [InlineData(SecurityAlgorithms.RsaSha256)]
    [InlineData(SecurityAlgorithms.EcdsaSha256)]
    public async Task Published_keys_verify_what_they_signed(string algorithm)
    {
        SecurityKey key = algorithm == SecurityAlgorithms.RsaSha256 ? new RsaSecurityKey(_rsa) { KeyId = "rsa" } : new ECDsaSecurityKey(_ec) { KeyId = "ec" };
        (await Published().VerifyAsync(Make(algorithm: algorithm, key: key))).Code.ShouldBe(HoliCode.None);
    }

    [Fact]
    public async Task A_published_key_is_never_taken_for_a_shared_one()
    {
        var shared = new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()) { KeyId = "rsa" };
        (await Published().VerifyAsync(Make(key: shared))).Code.ShouldBe(HoliCode.TokenInvalid);
    }

    [Fact]
    public async Task Keys_that_cannot_be_fetched_are_the_gateways_trouble_not_the_devices()
    {
        var keys = TokenKeys.FromAuthority(new Uri("http://127.0.0.1:1/"));
        var verifier = new TokenVerifier(keys, Rules, _revoked, _time);
        (await verifier.VerifyAsync(Make(algorithm: SecurityAlgorithms.RsaSha256, key: new RsaSecurityKey(_rsa) { KeyId = "rsa" })))
            .Code.ShouldBe(HoliCode.Overloaded);
    }

    [Fact]
    public async Task The_token_command_makes_what_the_gateway_takes()
    {
        var keys = TokenKeys.FromSharedKey(_secret);
        var token = TokenMaker.Make(keys.Shared!, Rules, "ana", "clinic", "holi.admin", TimeSpan.FromMinutes(5), _time);
        var identity = (await Shared().VerifyAsync(token)).Identity!;
        (identity.Tenant, identity.User, identity.HasScope("holi.admin"), identity.HasScope("holi")).ShouldBe(("clinic", "ana", true, false));
    }

    [Fact]
    public void A_shared_key_shorter_than_its_hash_is_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => TokenKeys.FromSharedKey(new byte[31]));

    private TokenVerifier Shared(TokenRules? rules = null) =>
        new(TokenKeys.FromSharedKey(_secret), rules ?? Rules, _revoked, _time);

    private TokenVerifier Published()
    {
        var configuration = new OpenIdConnectConfiguration();
        configuration.SigningKeys.Add(new RsaSecurityKey(_rsa.ExportParameters(false)) { KeyId = "rsa" });
        configuration.SigningKeys.Add(new ECDsaSecurityKey(_ec) { KeyId = "ec" });
        return new TokenVerifier(
            TokenKeys.FromPublished(new StaticConfigurationManager<OpenIdConnectConfiguration>(configuration)), Rules, _revoked, _time);
    }

    private string Make(
        Action<SecurityTokenDescriptor>? change = null, Action<Dictionary<string, object>>? claims = null, SecurityKey? key = null,
        string algorithm = SecurityAlgorithms.HmacSha256)
    {
        var said = new Dictionary<string, object> { ["sub"] = "ana@example.org", ["jti"] = "id-1" };
        claims?.Invoke(said);
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Rules.Issuer, Audience = Rules.Audience, Expires = Start.UtcDateTime.AddHours(1), Claims = said,
            SigningCredentials = new SigningCredentials(key ?? new SymmetricSecurityKey(_secret), algorithm),
        };
        change?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var payload = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(parts[1])).Replace("ana@", "eve@", StringComparison.Ordinal);
        return $"{parts[0]}.{Part(payload)}.{parts[2]}";
    }

    private static string Part(string json) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(json));
}
