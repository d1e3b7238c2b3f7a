using System.Text;
using Holi.Gateway.Commit;
using Holi.Gateway.Ingress;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Ingress;

/// <summary>What is a publication and what is none (backends.md §2, §3).</summary>
public sealed class PublicationReaderTests
{
    private static readonly PublicationFields Alert = new()
    {
        Tenant = "clinic", Key = "lab-result:81723", Target = "user/ana", Kind = "notification", Content = Json("""{"title": "Potassium"}"""),
    };

    private static readonly PublicationFields Line = new()
    {
        Tenant = "clinic", Key = "k", Target = "conversation/room", Kind = "message.post", Content = Json("""{"text": "hello"}"""),
    };

    [Fact]
    public void A_notification_goes_to_the_persons_own_topic_and_from_priority_8_on_to_their_alerts()
    {
        Good(Alert).TopicName.ShouldBe("user/ana");
        Good(Alert with { Priority = 7 }).TopicName.ShouldBe("user/ana");
        Good(Alert with { Priority = 8 }).TopicName.ShouldBe("alert/ana");
        Good(Alert with { Target = "alert/ana", Priority = 0 }).TopicName.ShouldBe("alert/ana");
    }

    [Fact]
    public void The_fields_of_a_notification_become_the_payload_of_the_protocol()
    {
        var fields = Alert with
        {
            Priority = 9, ExpiresMs = 2_000, Content = Json("""{"title":"T\u00e9", "body":"B", "reference":"lab/1", "id":"n-1"}"""),
        };
        var asked = Good(fields);
        asked.Type.ShouldBe(MessageTypes.Notification);
        asked.Payload.ShouldBe(new Notification("n-1", 9, "T\u00e9", "B", "lab/1", 2_000).ToBytes());
        asked.ExpiresMs.ShouldBe(2_000);
    }

    [Fact]
    public void Without_an_id_the_key_gives_one_and_without_a_priority_it_is_5()
    {
        // base64url(SHA-256("lab-result:81723")[..16]), as sha256sum and basenc say.
        Good(Alert).Payload.ShouldBe(new Notification("Y019eNESRp4T-px0d40OGw", 5, "Potassium", null, null, null).ToBytes());
    }

    [Fact]
    public void The_fields_of_a_message_become_the_payload_of_the_protocol()
    {
        const string attachments = """[{"id":"a","mediaType":"image/png","bytes":7,"name":"x.png"},{"id":"b","mediaType":"text/plain","bytes":0}]""";
        var asked = Good(Line with { Content = Json($$"""{"text":"", "replyTo":3, "attachments":{{attachments}}}""") });
        (asked.TopicName, asked.Type).ShouldBe(("conversation/room", MessageTypes.MessagePost));
        asked.Payload.ShouldBe(
            new MessagePost("", 3, [new Attachment("a", "image/png", 7, "x.png"), new Attachment("b", "text/plain", 0, null)]).ToBytes());
    }

    [Fact]
    public void MessagePack_is_taken_as_it_is_and_says_its_own_priority_and_expiry()
    {
        var payload = new Notification("n", 9, "T", null, null, 2_000).ToBytes();
        var asked = Good(Alert with { Content = null, Payload = payload });
        (asked.TopicName, asked.ExpiresMs).ShouldBe(("alert/ana", 2_000));
        asked.Payload.ShouldBe(payload);
        Good(Alert with { Content = null, Payload = payload, Priority = 9, ExpiresMs = 2_000 }).Digest.ShouldBe(asked.Digest);
        Refused(Alert with { Content = null, Payload = payload, Priority = 5 }).ShouldBe(HoliCode.RefusedPayload);
        Refused(Alert with { Content = null, Payload = payload, ExpiresMs = 2_001 }).ShouldBe(HoliCode.RefusedPayload);
        Good(Line with { Content = null, Payload = new MessagePost("hello").ToBytes() }).Digest.ShouldBe(Good(Line).Digest);
    }

    [Fact]
    public void O_the_same_is_the_same_however_it_is_written()
    {
        var one = Good(Alert with { Content = Json("""{"title":"T","body":"B"}""") });
        Good(Alert with { Content = Json(""" { "body" : "\u0042", "title": "T", "reference": null } """) }).Digest.ShouldBe(one.Digest);
        Good(Alert with { Priority = 9 }).Digest.ShouldBe(Good(Alert with { Priority = 9, Target = "alert/ana" }).Digest);
    }

    [Fact]
    public void O_and_anything_else_is_something_else()
    {
        PublicationFields[] others =
        [
            Alert, Alert with { Target = "user/ben" }, Alert with { Priority = 6 }, Alert with { Priority = 9 }, Alert with { DeliverAtMs = 0 },
            Alert with { DeliverAtMs = 5 }, Alert with { ExpiresMs = 5 }, Alert with { Content = Json("""{"title":"other"}""") },
        ];
        others.Select(o => Good(o).Digest).Distinct().Count().ShouldBe(others.Length);
    }

    [Fact]
    public void A_cancellation_names_its_key_and_nothing_else()
    {
        var cancel = new PublicationFields { Tenant = "clinic", Key = "k", Kind = "cancel" };
        PublicationReader.Read(cancel).Asked.ShouldBeOfType<AskedCancellation>().Key.Key.ShouldBe("k");
        PublicationReader.Read(cancel with { Target = "user/ana" }).Refusal!.Code.ShouldBe(HoliCode.RefusedPayload);
        PublicationReader.Read(cancel with { Key = null }).Refusal!.Code.ShouldBe(HoliCode.RefusedPayload);
    }

    [Theory]
    [InlineData("k", true)]
    [InlineData("0", true)]
    [InlineData("appointment:2026-01-05T10.00@clinic_3~b", true)]
    [InlineData("", false)]
    [InlineData(".hidden", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a\0", false)]
    [InlineData("a%20", false)]
    [InlineData("\u00e9", false)]
    public void A_key_is_safe_wherever_it_stands(string key, bool good) => PublicationReader.IsKey(key).ShouldBe(good);

    [Fact]
    public void A_key_has_128_characters_at_most()
    {
        PublicationReader.IsKey(new string('k', 128)).ShouldBeTrue();
        PublicationReader.IsKey(new string('k', 129)).ShouldBeFalse();
    }

    public static TheoryData<string, HoliCode> Bad => new()
    {
        { "version", HoliCode.Unsupported },
        { "no tenant", HoliCode.RefusedPayload },
        { "tenant", HoliCode.RefusedPayload },
        { "no key", HoliCode.RefusedPayload },
        { "no kind", HoliCode.Unsupported },
        { "kind", HoliCode.Unsupported },
        { "no target", HoliCode.RefusedPayload },
        { "target", HoliCode.RefusedPayload },
        { "target NUL", HoliCode.RefusedPayload },
        { "patient", HoliCode.Unsupported },
        { "notification to a conversation", HoliCode.Unsupported },
        { "message to a person", HoliCode.Unsupported },
        { "neither", HoliCode.RefusedPayload },
        { "both", HoliCode.RefusedPayload },
        { "priority", HoliCode.RefusedPayload },
        { "priority of a message", HoliCode.RefusedPayload },
        { "deliverAt", HoliCode.RefusedPayload },
        { "expires", HoliCode.RefusedPayload },
        { "expires before delivery", HoliCode.RefusedPayload },
        { "payload", HoliCode.RefusedPayload },
        { "payload of another kind", HoliCode.RefusedPayload },
        { "payload too deep", HoliCode.RefusedPayload },
        { "payload extension", HoliCode.RefusedPayload },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_none_is_refused(string what, HoliCode code) => Refused(what switch
    {
        "version" => Alert with { Version = 2 },
        "no tenant" => Alert with { Tenant = null },
        "tenant" => Alert with { Tenant = "a/b" },
        "no key" => Alert with { Key = null },
        "no kind" => Alert with { Kind = null },
        "kind" => Alert with { Kind = "record.change" },
        "no target" => Alert with { Target = null },
        "target" => Alert with { Target = "ana" },
        "target NUL" => Alert with { Target = "user/ana\0" },
        "patient" => Alert with { Target = "patient/p1" },
        "notification to a conversation" => Alert with { Target = "conversation/room" },
        "message to a person" => Line with { Target = "user/ana" },
        "neither" => Alert with { Content = null },
        "both" => Alert with { Payload = [ 0x90 ] },
        "priority" => Alert with { Priority = 10 },
        "priority of a message" => Line with { Priority = 5 },
        "deliverAt" => Alert with { DeliverAtMs = -1 },
        "expires" => Alert with { ExpiresMs = PayloadLimits.TimeMsMax + 1 },
        "expires before delivery" => Alert with { DeliverAtMs = 5, ExpiresMs = 5 },
        "payload" => Alert with { Content = null, Payload = [ 0x93, 0xA1 ] },
        "payload of another kind" => Alert with { Content = null, Payload = new MessagePost("x").ToBytes() },
        "payload too deep" => Alert with { Content = null, Payload = [.. Enumerable.Repeat((byte)0x91, 40)] },
        _ => Alert with { Content = null, Payload = [ 0x91, 0xC7, 0x00, 0x01 ] },
    }).ShouldBe(code);

    [Theory]
    [InlineData("""{"title":"T"}}""", HoliCode.RefusedPayload)]
    [InlineData("""["T"]""", HoliCode.RefusedPayload)]
    [InlineData("null", HoliCode.RefusedPayload)]
    [InlineData("", HoliCode.RefusedPayload)]
    [InlineData("{}", HoliCode.RefusedPayload)]
    [InlineData("""{"title":null}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":5}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T","titel":"T"}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T","priority":9}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T","Body":"B"}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T","title":"U"}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T","id":""}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T","id":"a b"}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"a\u0000b"}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"\ud800"}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T","body":[[[[[[[[[[1]]]]]]]]]]}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T",}""", HoliCode.RefusedPayload)]
    [InlineData("""{"title":"T"} // it""", HoliCode.RefusedPayload)]
    public void Content_that_is_no_notification_is_refused(string content, HoliCode code) =>
        Refused(Alert with { Content = Json(content) }).ShouldBe(code);

    [Theory]
    [InlineData("""{"text":null}""")]
    [InlineData("""{"text":"x","replyTo":0}""")]
    [InlineData("""{"text":"x","replyTo":1.5}""")]
    [InlineData("""{"text":"x","replyTo":"1"}""")]
    [InlineData("""{"text":"x","replyTo":99999999999999999999}""")]
    [InlineData("""{"text":"x","attachments":[null]}""")]
    [InlineData("""{"text":"x","attachments":[{"id":"a","mediaType":"b"}]}""")]
    [InlineData("""{"text":"x","attachments":[{"id":"a","mediaType":"b","bytes":-1}]}""")]
    [InlineData("""{"text":"x","attachments":[{"id":"","mediaType":"b","bytes":1}]}""")]
    [InlineData("""{"text":"x","attachments":[{"id":"a","mediaType":"b","bytes":1,"size":1}]}""")]
    [InlineData("""{"text":"x","attachments":{"id":"a"}}""")]
    public void Content_that_is_no_message_is_refused(string content) =>
        Refused(Line with { Content = Json(content) }).ShouldBe(HoliCode.RefusedPayload);

    [Fact]
    public void What_is_over_its_limit_in_bytes_is_told_so()
    {
        Refused(Alert with { Content = Json($$"""{"title":"{{new string('\u00e9', 129)}}"}""") }).ShouldBe(HoliCode.RefusedTooLarge);
        Good(Alert with { Content = Json($$"""{"title":"{{new string('\u00e9', 128)}}"}""") });
        Refused(Alert with { Content = Json($$"""{"title":"T","body":"{{new string('x', 4_097)}}"}""") }).ShouldBe(HoliCode.RefusedTooLarge);
        Refused(Line with { Content = Json($$"""{"text":"{{new string('x', 65_537)}}"}""") }).ShouldBe(HoliCode.RefusedTooLarge);
        var many = string.Join(',', Enumerable.Repeat("""{"id":"a","mediaType":"b","bytes":1}""", 33));
        Refused(Line with { Content = Json($$"""{"text":"x","attachments":[{{many}}]}""") }).ShouldBe(HoliCode.RefusedPayload);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Refused(Alert with { Content = [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'] }).ShouldBe(HoliCode.RefusedPayload);

    [Fact]
    public void No_detail_repeats_what_was_sent()
    {
        const string marker = "MARKER-7f3a";
        PublicationFields[] bad =
        [
            Alert with { Tenant = marker + "/" }, Alert with { Key = marker + "/" }, Alert with { Kind = marker }, Alert with { Target = marker },
            Alert with { Content = Json($$"""{"title":"T","{{marker}}":1}""") }, Alert with { Content = Json($$"""{"title":"T","id":"{{marker}} "}""") },
            Alert with { Content = Json($$"""{"title":"{{marker}}{{new string('x', 300)}}"}""") }, Alert with { Content = Json(marker) },
        ];
        foreach (var fields in bad)
            PublicationReader.Read(fields).Refusal!.Detail.ShouldNotContain(marker);
    }

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);

    private static AskedPublication Good(PublicationFields fields)
    {
        var reading = PublicationReader.Read(fields);
        reading.Refusal.ShouldBeNull();
        return reading.Asked.ShouldBeOfType<AskedPublication>();
    }

    private static HoliCode Refused(PublicationFields fields)
    {
        var reading = PublicationReader.Read(fields);
        reading.Asked.ShouldBeNull();
        return reading.Refusal.ShouldNotBeNull().Code;
    }
}
