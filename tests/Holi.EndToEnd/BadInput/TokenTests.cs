using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Peers;
using Holi.Load.Gateways;
using Holi.Wire;
using Holi.Wire.Frames;

namespace Holi.EndToEnd.BadInput;

/// <summary>Every token but the right one is refused, with a code that says whether a new one would help.</summary>
public sealed class TokenTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData("no token at all")]
    [InlineData("a.b.c")]
    [InlineData("")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ.")]
    public async Task A_malformed_or_unsigned_token_closes_with_4201(string token)
    {
        (await CodeForAsync(token)).ShouldBe(HoliCode.TokenInvalid);
        await fixture.BystandersStillChatAsync();
    }

    [Fact]
    public async Task A_token_with_alg_none_and_otherwise_right_claims_closes_with_4201() =>
        (await CodeForAsync(Sign("none", Claims(), null))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_signed_with_another_key_closes_with_4201() =>
        (await CodeForAsync(new LoadTokens(RandomNumberGenerator.GetBytes(32), "holi", "holi", TimeProvider.System).For("ana"))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_of_another_issuer_closes_with_4201() =>
        (await CodeForAsync(Sign("HS256", Claims(issuer: "somebody"), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_for_another_audience_closes_with_4201() =>
        (await CodeForAsync(Sign("HS256", Claims(audience: "somebody"), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_signed_with_an_algorithm_that_is_not_pinned_closes_with_4201() =>
        (await CodeForAsync(Sign("HS512", Claims(), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenInvalid);

    [Fact]
    public async Task A_token_whose_user_is_no_user_name_is_refused()
    {
        var code = await CodeForAsync(Sign("HS256", Claims(user: "../conversation/x"), fixture.Gateway.Key));
        code.ShouldBeOneOf(HoliCode.TokenInvalid, HoliCode.Forbidden);
    }

    [Fact]
    public async Task An_expired_token_closes_with_4200() =>
        (await CodeForAsync(Sign("HS256", Claims(lifetime: TimeSpan.FromMinutes(-10)), fixture.Gateway.Key))).ShouldBe(HoliCode.TokenExpired);

    [Fact]
    public async Task The_right_token_is_welcomed()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(Sign("HS256", Claims(), fixture.Gateway.Key));
        (await peer.WelcomeAsync()).User.ShouldBe("ana");
    }

    [Fact]
    public async Task Section_11_2_a_live_connection_is_closed_with_4200_within_5_seconds_of_its_token_s_end()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(Sign("HS256", Claims(lifetime: TimeSpan.FromSeconds(3)), fixture.Gateway.Key));
        await peer.WelcomeAsync();
        // ClosedAsync waits 15 s at the most: 3 s of life, 5 s to be noticed, and whatever skew of clocks the gateway allows.
        (await peer.ClosedAsync()).ShouldBe(HoliCode.TokenExpired);
    }

    [Fact]
    public async Task Section_11_2_a_new_token_in_band_keeps_the_connection()
    {
        await using var peer = await RawPeer.OpenAsync(fixture.Gateway.Endpoint);
        await peer.HelloAsync(Sign("HS256", Claims(lifetime: TimeSpan.FromSeconds(4)), fixture.Gateway.Key));
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

    private static string Claims(string user = "ana", string issuer = "holi", string audience = "holi", TimeSpan? lifetime = null) =>
        $$"""{"sub":"{{user}}","tenant":"dev","iss":"{{issuer}}","aud":"{{audience}}","iat":{{(Now - TimeSpan.FromHours(1)).ToUnixTimeSeconds()}},"exp":{{(TimeProvider.System.GetUtcNow() + (lifetime ?? TimeSpan.FromHours(1))).ToUnixTimeSeconds()}}}""";

    private static string Sign(string algorithm, string claims, byte[]? key)
    {
        var signed = Encode($$"""{"alg":"{{algorithm}}","typ":"JWT"}""") + "." + Encode(claims);
        var signature = key is null ? [] : algorithm == "HS512" ? HMACSHA512.HashData(key, Encoding.ASCII.GetBytes(signed)) : HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed));
        return signed + "." + Base64Url.EncodeToString(signature);
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
