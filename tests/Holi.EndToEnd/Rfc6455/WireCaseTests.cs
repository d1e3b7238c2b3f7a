using Holi.EndToEnd.Gateways;
using Holi.EndToEnd.Rfc6455.Cases;

namespace Holi.EndToEnd.Rfc6455;

/// <summary>The gateway's own WebSocket, case by case: <see cref="WireCases"/> says what they are and which of Autobahn's do not apply.</summary>
public sealed class WireCaseTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    public static TheoryData<string> Numbers => [.. WireCases.All.Select(c => c.Number)];

    // A connection that was used for HTTP before is served by the framework's WebSocket. It reads lengths in any form and frames without a mask, answers pings
    // behind its own close, and says of text that is not UTF-8 that it is not, before we say that it is text: no harm to anybody, but not always what the RFC says.
    public static TheoryData<string> Strict =>
        [.. WireCases.All.Select(c => c.Number).Where(n => !n.StartsWith("1.3.", StringComparison.Ordinal) && !Lax.Contains(n))];

    private static readonly string[] Lax = ["1.4.1", "1.4.2", "1.4.3", "1.4.4", "1.4.5", "2.14", "7.14.2", "7.14.10", "6.3.2", "6.4.1"];

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task RFC_6455_holds(string number)
    {
        var wireCase = WireCases.All.Single(c => c.Number == number);
        var token = fixture.Gateway.Tokens.For(SharedGateway.Somebody("case"));
        foreach (var chop in Enum.GetValues<Chop>())
        {
            var found = await CaseRun.TryAsync(wireCase, chop, fixture.Gateway, token);
            found.ShouldBeNull($"{wireCase}, sent as {chop}");
        }
    }

    [Theory]
    [MemberData(nameof(Strict))]
    public async Task And_behind_an_HTTP_request_on_the_same_connection(string number)
    {
        var wireCase = WireCases.All.Single(c => c.Number == number);
        var token = fixture.Gateway.Tokens.For(SharedGateway.Somebody("case"));
        // A reason that is not UTF-8 is a broken rule there like any other.
        var expected = wireCase.Ends == 1007 ? wireCase with { Ends = 1002 } : wireCase;
        (await CaseRun.TryAsync(expected, Chop.Frames, fixture.Gateway, token, afterHttp: true)).ShouldBeNull($"{wireCase}");
    }

    [Fact]
    public void Every_case_has_a_number_of_its_own() => WireCases.All.Select(c => c.Number).ShouldBeUnique();
}
