using System.Text;
using Holi.Gateway.Ops;
using Holi.Gateway.Tests.Storage;
using Microsoft.Extensions.Configuration;

namespace Holi.Gateway.Tests.Ops;

public sealed class OptionsReaderTests
{
    [Fact]
    public void Nothing_said_is_a_gateway_for_trying_things_out()
    {
        var options = Read(out var errors);
        errors.ShouldBeEmpty();
        options.Urls.ShouldBe([new Uri("http://127.0.0.1:5080")]);
        options.Auth.IsDevelopment.ShouldBeTrue();
        options.Auth.Rules.DefaultTenant.ShouldBe("default");
        options.AllowedOrigins.ShouldBeEmpty();
        options.DataFolder.ShouldEndWith("holi");
        options.Limits.ShouldBe(new GatewayLimits());
    }

    [Fact]
    public void Everything_said_is_taken()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("key"), Convert.ToBase64String(new byte[40]) + "\n");
        var options = Read(
            out var errors, ("DataFolder", folder.Path), ("Urls", "http://0.0.0.0:80;http://[::1]:81"), ("AllowedOrigins", "https://app.example.org/;http://localhost:3000"),
            ("TrustedProxies", "10.0.0.2;::1"), ("Auth:KeyFile", folder.File("key")), ("Auth:Issuer", "me"), ("Auth:Audience", "you"),
            ("Auth:DefaultTenant", "-"), ("Restored", "true"), ("Limits:HeartbeatSeconds", "10"), ("limits:connectionsperuser", "3"));
        errors.ShouldBeEmpty();
        options.Urls.Count.ShouldBe(2);
        options.AllowedOrigins.ShouldBe(["https://app.example.org", "http://localhost:3000"]);
        options.TrustedProxies.Count.ShouldBe(2);
        options.Auth.Key!.Length.ShouldBe(40);
        options.Auth.Rules.ShouldBe(new("me", "you", null, TimeSpan.FromSeconds(2)));
        options.Restored.ShouldBeTrue();
        (options.Limits.Heartbeat, options.Limits.ConnectionsPerUser).ShouldBe((TimeSpan.FromSeconds(10), 3));
    }

    [Theory]
    [InlineData("Urls", "https://0.0.0.0", "TLS")]
    [InlineData("Urls", "0.0.0.0:80", "like http://127.0.0.1:5080")]
    [InlineData("Urls", "http://x/path", "without a path")]
    [InlineData("AllowedOrigins", "app.example.org", "scheme, host and port")]
    [InlineData("AllowedOrigins", "https://app.example.org/page", "scheme, host and port")]
    [InlineData("TrustedProxies", "nginx", "IP address")]
    [InlineData("Restored", "yes", "true nor false")]
    [InlineData("Auth:DefaultTenant", "a/b", "choose such a name")]
    [InlineData("Auth:Key", "tooshort", "openssl rand")]
    [InlineData("Auth:KeyFile", "/nowhere/key", "cannot be read")]
    [InlineData("Auth:Authority", "http://login.example.org", "without TLS")]
    [InlineData("Auth:Jwks", "login", "web address")]
    [InlineData("Limits:HeartbeatSeconds", "0", "from 1 to 600")]
    [InlineData("Limits:HeartbeatSeconds", "many", "from 1 to 600")]
    [InlineData("Limits:Heartbeet", "1", "no limit that can be set")]
    public void A_mistake_is_named_with_what_to_do(string name, string value, string says)
    {
        Read(out var errors, (name, value), ("Auth:Issuer", "me"));
        errors.ShouldContain(e => e.Contains(name, StringComparison.Ordinal) && e.Contains(says, StringComparison.Ordinal), string.Join('\n', errors));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_and_no_secret_with_them()
    {
        Read(out var errors, ("Urls", "nonsense"), ("Auth:Key", "my-secret"), ("Auth:Authority", "https://login.example.org"), ("Limits:Nothing", "1"), ("Restored", "?"));
        errors.Count.ShouldBe(6);
        errors.ShouldNotContain(e => e.Contains("my-secret", StringComparison.Ordinal));
    }

    [Fact]
    public void The_committers_bounds_are_set_like_all_others()
    {
        var commits = Read(out var errors, ("Auth:Issuer", "me"), ("Limits:DeliveredIntervalMs", "40"), ("Limits:CommitBatchInputs", "7")).Limits.Commits;
        errors.ShouldBeEmpty();
        (commits.DeliveredInterval, commits.BatchInputsMax).ShouldBe((TimeSpan.FromMilliseconds(40), 7));
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1_800)]
    [InlineData("12h", 43_200)]
    [InlineData("7d", 604_800)]
    [InlineData("0s", null)]
    [InlineData("h", null)]
    [InlineData("12", null)]
    [InlineData("-1h", null)]
    [InlineData("1.5h", null)]
    [InlineData("99999d", null)]
    public void A_lifetime_is_a_number_and_a_unit(string text, int? seconds) =>
        (CommandLine.TryReadLifetime(text, out var lifetime) ? (int?)lifetime.TotalSeconds : null).ShouldBe(seconds);

    [Fact]
    public void A_key_may_be_plain_text_of_enough_bytes() =>
        Read(out _, ("Auth:Key", new string('ä', 16)), ("Auth:Issuer", "me")).Auth.Key.ShouldBe(Encoding.UTF8.GetBytes(new string('ä', 16)));

    private static HoliOptions Read(out IReadOnlyList<string> errors, params (string Name, string Value)[] settings) =>
        OptionsReader.Read(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build(), out errors);
}
