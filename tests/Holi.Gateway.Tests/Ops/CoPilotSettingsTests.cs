using Holi.CoPilot;
using Holi.CoPilot.Fallback;
using Holi.CoPilot.Providers;
using Holi.Gateway.Ops;
using Microsoft.Extensions.Configuration;

namespace Holi.Gateway.Tests.Ops;

public sealed class CoPilotSettingsTests
{
    [Fact]
    public void Without_a_setting_nothing_can_leave_the_building()
    {
        var options = Read([]);
        var provider = options.Providers.ShouldHaveSingleItem();
        (provider.Name, provider.Place, provider.Endpoint.ToString()).ShouldBe(("local", ProviderPlace.Local, "http://localhost:1234/v1"));
        options.Policy.RedactsCloud.ShouldBeTrue();
    }

    [Fact]
    public void A_key_adds_the_cloud_before_it()
    {
        var options = Read(("Providers:anthropic:Key", "secret"), ("Providers:anthropic:Model", "claude-x"));
        options.Providers.Select(provider => provider.Name).ShouldBe(["anthropic", "local"]);
        (options.Providers[0].Key, options.Providers[0].Model, options.Route).ShouldBe(("secret", "claude-x", NoteRoute.CloudFirst));
    }

    [Fact]
    public void A_tenant_has_its_own_rules_and_any_server_can_be_added()
    {
        var options = Read(
            ("Tenants:careful:Route", "localOnly"), ("Tenants:careful:RedactLocal", "true"), ("Providers:ollama:Place", "local"), ("Providers:ollama:Endpoint", "http://10.0.0.5:11434/v1"),
            ("Providers:local:Disabled", "true"), ("HedgeAfterMs", "3000"), ("CacheDays", "2"));
        (options.PolicyOf("careful").Route, options.PolicyOf("careful").RedactsLocal, options.PolicyOf("other").Route).ShouldBe((NoteRoute.LocalOnly, true, null));
        options.Providers.ShouldHaveSingleItem().Name.ShouldBe("ollama");
        options.HedgeAfter.ShouldBe(TimeSpan.FromSeconds(3));
        options.CacheLifetime.ShouldBe(TimeSpan.FromDays(2));
    }

    [Theory]
    [InlineData("Rute", "cloudFirst", "CoPilot:Rute is no setting")]
    [InlineData("Route", "zebra", "CoPilot:Route 'zebra' is none of")]
    [InlineData("CacheKey", "short", "CoPilot:CacheKey is not 32 bytes")]
    [InlineData("Providers:anthropic:Model", "x", "CoPilot:Providers:anthropic:Key is missing")]
    [InlineData("Providers:other:Model", "x", "CoPilot:Providers:other:Endpoint is missing")]
    [InlineData("Providers:local:Endpoint", "not a url", "CoPilot:Providers:local:Endpoint is not a web address")]
    [InlineData("Providers:local:ContextTokens", "12", "CoPilot:Providers:local:ContextTokens '12' is out of range")]
    [InlineData("Providers:local:Colour", "red", "CoPilot:Providers:local:Colour is no setting")]
    [InlineData("Providers:local:KeyFile", "/no/such/file", "CoPilot:Providers:local:KeyFile '/no/such/file' cannot be read")]
    [InlineData("Tenants:a:Rute", "x", "CoPilot:Tenants:a:Rute is no setting")]
    [InlineData("HedgeAfterMs", "0", "CoPilot:HedgeAfterMs '0' is out of range")]
    [InlineData("RedactCloud", "maybe", "CoPilot:RedactCloud 'maybe' is neither")]
    public void What_is_wrong_is_said(string name, string value, string error) =>
        Errors((name, value)).ShouldContain(found => found.StartsWith(error, StringComparison.Ordinal));

    [Fact]
    public void Transcripts_go_to_a_cloud_over_TLS_only() =>
        Errors(("Providers:other:Endpoint", "http://models.example.org/v1"), ("Providers:other:Model", "m")).ShouldHaveSingleItem().ShouldContain("without TLS");

    [Fact]
    public void A_key_is_never_repeated() => Errors(("CacheKey", "my-secret")).ShouldAllBe(error => !error.Contains("my-secret"));

    private static CoPilotOptions Read(params (string Name, string Value)[] settings)
    {
        var options = OptionsReader.Read(Configuration(settings), out var errors);
        errors.ShouldBeEmpty();
        return options.CoPilot;
    }

    private static IReadOnlyList<string> Errors(params (string Name, string Value)[] settings)
    {
        OptionsReader.Read(Configuration(settings), out var errors);
        return errors;
    }

    private static IConfigurationRoot Configuration((string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"CoPilot:{setting.Name}", (string?)setting.Value))).Build();
}
