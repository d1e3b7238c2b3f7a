using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>Names of holi.v1.md §8.</summary>
public sealed class TopicNameTests
{
    [Theory]
    [InlineData("conversation/a-Z_09", TopicKind.Conversation, "a-Z_09")]
    [InlineData("user/ana@example.com", TopicKind.User, "ana@example.com")]
    [InlineData("alert/ana.b-c_d", TopicKind.Alert, "ana.b-c_d")]
    [InlineData("patient/7", TopicKind.Patient, "7")]
    [InlineData("copilot/x", TopicKind.CoPilot, "x")]
    public void A_name_is_taken_apart(string name, TopicKind kind, string id)
    {
        TopicName.TryParse(name, out var parsedKind, out var parsedId).ShouldBeTrue();
        (parsedKind, parsedId).ShouldBe((kind, id));
        TopicName.IsValid(name).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("x")]
    [InlineData("conversation")]
    [InlineData("conversation/")]
    [InlineData("/conversation/x")]
    [InlineData("Conversation/x")]
    [InlineData("conversations/x")]
    [InlineData("conversation/a/b")]
    [InlineData("conversation/a.b")]
    [InlineData("conversation/a@b")]
    [InlineData("conversation/a b")]
    [InlineData("conversation/é")]
    [InlineData("conversation/a\n")]
    [InlineData("conversation/..")]
    [InlineData("user/ana b")]
    [InlineData("user/ana/b")]
    [InlineData("user/ана")]
    [InlineData("tenant/x")]
    public void What_is_no_name_is_refused(string name) => TopicName.TryParse(name, out _, out _).ShouldBeFalse();

    [Fact]
    public void No_name_at_all_is_refused() => TopicName.TryParse(null, out _, out _).ShouldBeFalse();

    [Fact]
    public void Ids_have_64_characters_at_most()
    {
        TopicName.IsId(new string('a', 64)).ShouldBeTrue();
        TopicName.IsId(new string('a', 65)).ShouldBeFalse();
        TopicName.IsId("").ShouldBeFalse();
        TopicName.IsDevice("phone-1_A").ShouldBeTrue();
        TopicName.IsDevice("phone.1").ShouldBeFalse();
        TopicName.IsUser("a.b@c-d_e").ShouldBeTrue();
        TopicName.IsUser("a+b").ShouldBeFalse();
        TopicName.Conversation(new string('a', 64)).Length.ShouldBeLessThan(WireLimits.TopicNameBytesMax);
    }

    [Fact]
    public void A_name_is_made_only_of_what_can_be_taken_apart()
    {
        TopicName.User("ana@x").ShouldBe("user/ana@x");
        TopicName.Alert("ana").ShouldBe("alert/ana");
        TopicName.Conversation("a").ShouldBe("conversation/a");
        TopicName.Patient("a").ShouldBe("patient/a");
        TopicName.CoPilot("a").ShouldBe("copilot/a");
        Should.Throw<ArgumentException>(() => TopicName.Conversation("a@b"));
        Should.Throw<ArgumentException>(() => TopicName.User("a/b"));
    }
}
