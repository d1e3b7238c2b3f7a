using System.Net;
using Holi.Gateway.Connections.Sockets;

namespace Holi.Gateway.Tests.Connections.Sockets;

public sealed class AdmissionsTests
{
    private readonly Admissions _admissions = new(new GatewayLimits { UnauthenticatedPerAddress = 2, UnauthenticatedMax = 4, ConnectionsMax = 6 });

    [Fact]
    public void An_address_has_so_many_who_have_not_said_Hello()
    {
        Enter("10.0.0.1").ShouldBe(0);
        Enter("::ffff:10.0.0.1").ShouldBe(0);
        Enter("10.0.0.1").ShouldBe(429);
        Enter("10.0.0.2").ShouldBe(0);
        _admissions.Authenticated(IPAddress.Parse("10.0.0.1"));
        Enter("10.0.0.1").ShouldBe(0);
    }

    [Fact]
    public void An_IPv6_address_counts_with_its_network()
    {
        Enter("2001:db8:1:2::1").ShouldBe(0);
        Enter("2001:db8:1:2:ffff::9").ShouldBe(0);
        Enter("2001:db8:1:2::3").ShouldBe(429);
        Enter("2001:db8:1:3::1").ShouldBe(0);
    }

    [Fact]
    public void And_so_have_all_together()
    {
        for (var i = 1; i <= 4; i++)
            Enter($"10.0.0.{i}").ShouldBe(0);
        Enter("10.0.0.9").ShouldBe(503);
        _admissions.Leave(IPAddress.Parse("10.0.0.1"), wasAuthenticated: false);
        Enter("10.0.0.9").ShouldBe(0);
    }

    [Fact]
    public void Connections_in_all_are_bounded_whoever_they_are()
    {
        for (var i = 1; i <= 6; i++)
        {
            Enter($"10.0.0.{i}").ShouldBe(0);
            _admissions.Authenticated(IPAddress.Parse($"10.0.0.{i}"));
        }
        (_admissions.Connections, _admissions.Unauthenticated).ShouldBe((6, 0));
        Enter("10.0.0.9").ShouldBe(503);
        _admissions.Leave(IPAddress.Parse("10.0.0.1"), wasAuthenticated: true);
        Enter("10.0.0.9").ShouldBe(0);
    }

    private int Enter(string address)
    {
        _admissions.TryEnter(IPAddress.Parse(address), out _, out var refusal);
        return refusal;
    }
}
