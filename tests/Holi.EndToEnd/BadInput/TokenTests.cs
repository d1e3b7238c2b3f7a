using System.Security.Cryptography;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.BadInput;

/// <summary>Every token but the right one is refused, with a code that says whether a new one would help.</summary>
public sealed class TokenTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Theory]
    [InlineData("no token at all")]
    [InlineData("a.b.c")]
    [InlineData("")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.")]
    [InlineData("..")]
    [InlineData("a.b.c.d.e")]
    [InlineData("bnVsbA.bnVsbA.AA")]
    [InlineData("W10.W10.AA")]
    public async Task A_malformed_or_unsigned_token_closes_with_4201(string token)
    {
        (await CodeForAsync(token)).ShouldBe(HoliCode.TokenInvalid);
        await fixture.BystandersStillChatAsync();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("")]
    [InlineData("HS256")]
    public async Task A_token_with_alg_none_or_without_signature_and_otherwise_right_claims_closes_with_4201(string algorithm)
    {
        (await CodeForAsync(SignedToken.Make(algorithm, SignedToken.Claims(), null))).ShouldBe(HoliCode.TokenInvalid);
        await fixture.BystandersStillChatAsync();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("RS256")]
    [InlineData("hs256")]
    public async Task A_token_whose_alg_is_not_what_its_signature_is_closes_with_4201(string algorithm) =>
        (await CodeForAsync(SignedToken.Make(algorithm, SignedToken.Claims(), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid);

    [Theory]
    [InlineData("""{"sub":"ana","tenant":"dev","iss":"holi","aud":"holi"}""", "no expiry")]
    [InlineData("""{"sub":"ana","tenant":"dev","iss":"holi","aud":"holi","exp":"soon"}""", "an expiry that is no number")]
    [InlineData("""{"sub":"ana","tenant":"dev","iss":"holi","aud":"holi","exp":99999999999999999999999999}""", "an expiry beyond all numbers")]
    [InlineData("""{"sub":"ana","tenant":"dev","iss":"holi","aud":"holi","exp":4000000000,"nbf":3900000000}""", "not valid yet")]
    [InlineData("""{"sub":["ana"],"tenant":"dev","iss":"holi","aud":"holi","exp":4000000000}""", "two users")]
    [InlineData("""{"tenant":"dev","iss":"holi","aud":"holi","exp":4000000000}""", "no user")]
    [InlineData("""{"sub":"ana","tenant":"../dev","iss":"holi","aud":"holi","exp":4000000000}""", "a tenant that is no name")]
    [InlineData("""["ana"]""", "not an object")]
    [InlineData("""{"sub":"ana",""", "half of one")]
    public async Task A_token_whose_claims_are_not_what_they_should_be_closes_with_4201(string claims, string what)
    {
        (await CodeForAsync(SignedToken.Make("HS256", claims, fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid, what);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task A_token_over_its_size_is_refused()
    {
        var code = await CodeForAsync(SignedToken.Make("HS256", SignedToken.Claims(more: $",\"fill\":\"{new string('x', 8_192)}\""), fixture.Gateway.Key));
        code.ShouldBeOneOf(HoliCode.BadPayload, HoliCode.TokenInvalid);
    }

    [Fact]
    public async Task A_token_signed_with_another_key_closes_with_4201() =>
        (await CodeForAsync(new LoadTokens(RandomNumberGenerator.GetBytes(32), "holi", "holi", TimeProvider.System).For("ana"))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_of_another_issuer_closes_with_4201() =>
        (await CodeForAsync(SignedToken.Make("HS256", SignedToken.Claims(issuer: "somebody"), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_for_another_audience_closes_with_4201() =>
        (await CodeForAsync(SignedToken.Make("HS256", SignedToken.Claims(audience: "somebody"), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_signed_with_an_algorithm_that_is_not_pinned_closes_with_4201() =>
        (await CodeForAsync(SignedToken.Make("HS512", SignedToken.Claims(), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_whose_user_is_no_user_name_is_refused()
    {
        var code = await CodeForAsync(SignedToken.Make("HS256", SignedToken.Claims(user: "../conversation/x"), fixture.Gateway.Key));
        code.ShouldBeOneOf(HoliCode.TokenInvalid, HoliCode.Forbidden);
    }

    [Fact]
    public async Task An_expired_token_closes_with_4200() =>
        (await CodeForAsync(SignedToken.Make("HS256", SignedToken.Claims(lifetime: TimeSpan.FromMinutes(-10)), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenExpired);

    [Fact]
    public async Task The_right_token_is_welcomed()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(SignedToken.Make("HS256", SignedToken.Claims(), fixture.Gateway.Key));
        (await peer.WelcomeAsync()).User.ShouldBe("ana");
    }

    [Fact]
    public async Task Section_11_2_a_live_connection_is_closed_with_4200_within_5_seconds_of_its_token_s_end()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(SignedToken.Make("HS256", SignedToken.Claims(lifetime: TimeSpan.FromSeconds(3)), fixture.Gateway.Key));
        await peer.WelcomeAsync();
        // ClosedAsync waits 15 s at the most: 3 s of life, 5 s to be noticed, and whatever skew of clocks the gateway allows.
        (await peer.ClosedAsync()).ShouldBe(HoliCode.TokenExpired);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task Section_11_2_a_new_token_in_band_keeps_the_connection()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(SignedToken.Make("HS256", SignedToken.Claims(lifetime: TimeSpan.FromSeconds(4)), fixture.Gateway.Key));
        var welcome = await peer.WelcomeAsync();
        await peer.SendAsync(new TokenFrame(fixture.Gateway.Tokens.For("ana")).Write);
        TokenAcceptedFrame.TryRead(new(await peer.NextAsync(FrameKind.TokenAccepted)), out var accepted, out _).ShouldBeTrue();
        accepted.ExpiresMs.ShouldBeGreaterThan(welcome.TokenExpiresMs);
    }

    [Fact]
    public async Task Section_11_2_another_person_s_token_in_band_closes_with_4502()
    {
        await using var peer = await RawPeer.WelcomedAsync(fixture.Gateway, "ana");
        await peer.SendAsync(new TokenFrame(fixture.Gateway.Tokens.For("ben")).Write);
        (await peer.ClosedAsync()).ShouldBe(HoliCode.Forbidden);
    }

    private async Task<HoliCode> CodeForAsync(string token)
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(token);
        return await peer.ClosedAsync();
    }
}
