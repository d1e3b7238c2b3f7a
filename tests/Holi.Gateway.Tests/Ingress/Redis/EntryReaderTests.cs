using System.Text;
using Holi.Gateway.Ingress;
using Holi.Gateway.Ingress.Redis;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Tests.Ingress.Redis;

/// <summary>What an entry of the stream is, and what is put aside of one that is nothing (backends.md §8).</summary>
public sealed class EntryReaderTests
{
    private const int BytesMax = 10_000;

    private static readonly string[] Alert =
        ["tenant", "clinic", "key", "k", "target", "user/ana", "kind", "notification", "content", """{"title":"Potassium"}"""];

    [Fact]
    public void Plain_fields_are_a_publication()
    {
        var asked = Good([.. Alert, "priority", "9", "deliverAt", "5", "expires", "2000", "v", "1"]);
        (asked.Key.Tenant, asked.Key.Key, asked.TopicName, asked.DeliverAtMs, asked.ExpiresMs).ShouldBe(("clinic", "k", "alert/ana", 5, 2_000));
        Notification.TryRead(new(asked.Payload), out var notification).ShouldBeTrue();
        (notification!.Title, notification.Priority, notification.ExpiresMs).ShouldBe(("Potassium", 9, 2_000));
    }

    [Fact]
    public void What_is_empty_is_absent() =>
        Good([.. Alert, "priority", "", "deliverAt", "", "expires", "", "payload", "", "v", ""]).Digest.ShouldBe(Good(Alert).Digest);

    [Fact]
    public void MessagePack_is_raw_bytes()
    {
        var payload = new Notification("n", 5, "T\u00e9", null, null, null).ToBytes();
        List<EntryField> fields = [.. Fields(Alert[..8]), new("payload"u8.ToArray(), payload)];
        EntryReader.Read(fields, BytesMax).Asked.ShouldBeOfType<AskedPublication>().Payload.ShouldBe(payload);
    }

    [Fact]
    public void A_cancellation_is_an_entry_too() =>
        EntryReader.Read(Fields("tenant", "clinic", "key", "k", "kind", "cancel"), BytesMax).Asked.ShouldBeOfType<AskedCancellation>();

    [Theory]
    [InlineData("nothing")]
    [InlineData("unknown", "titel", "x")]
    [InlineData("case", "Priority", "9")]
    [InlineData("twice", "kind", "notification")]
    [InlineData("sign", "priority", "-1")]
    [InlineData("plus", "priority", "+1")]
    [InlineData("space", "priority", " 1")]
    [InlineData("float", "deliverAt", "1.5")]
    [InlineData("hex", "deliverAt", "0x10")]
    [InlineData("huge", "expires", "99999999999999999999")]
    [InlineData("zero", "v", "0")]
    public void What_is_none_is_refused_without_repeating_it(string what, params string[] more)
    {
        var refusal = EntryReader.Read(Fields(what == "nothing" ? [] : [.. Alert, .. more]), BytesMax).Refusal.ShouldNotBeNull();
        refusal.Code.ShouldBe(what == "zero" ? HoliCode.Unsupported : HoliCode.RefusedPayload);
        foreach (var text in more.Where(t => t.Length > 3 && t != "kind" && t != "notification"))
            refusal.Detail.ShouldNotContain(what is "unknown" ? text : "\0");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Bytes_that_are_no_text_are_refused(int where)
    {
        List<EntryField> fields = [.. Fields(Alert)];
        fields[2 * where] = where == 0 ? fields[0] with { Value = [0xFF] } : fields[2] with { Name = [0xFF, 0x00] };
        EntryReader.Read(fields, BytesMax).Refusal!.Code.ShouldBe(HoliCode.RefusedPayload);
    }

    [Fact]
    public void B_an_entry_over_its_limit_is_refused_unread() =>
        EntryReader.Read([.. Fields(Alert), new EntryField(new byte[BytesMax], [])], BytesMax).Refusal!.Code.ShouldBe(HoliCode.RefusedTooLarge);

    [Fact]
    public void What_is_put_aside_says_why_and_holds_what_it_was()
    {
        var aside = Describe(DeadEntry.Of(new Entry("5-1", Fields("key", "k")), HoliCode.NotFound, "why", new RoadLimits()));
        aside.ShouldBe(["entry=5-1", "code=4604", "reason=why", "key=k"]);
    }

    [Fact]
    public void B_of_a_large_one_only_the_names_are_kept_and_not_all_of_them()
    {
        var limits = new RoadLimits { DeadEntryBytes = 100, DeadNamesBytes = 10 };
        var aside = Describe(DeadEntry.Of(new Entry("5-1", Fields("one", new string('x', 100), "two", "x", "three", "x")), HoliCode.NotFound, "why", limits));
        aside[^1].ShouldBe("fields=one two");
        aside.Count.ShouldBe(4);
    }

    private static AskedPublication Good(string[] fields) => EntryReader.Read(Fields(fields), BytesMax).Asked.ShouldBeOfType<AskedPublication>();

    private static List<EntryField> Fields(params string[] texts) =>
        [.. texts.Chunk(2).Select(pair => new EntryField(Encoding.UTF8.GetBytes(pair[0]), Encoding.UTF8.GetBytes(pair[1])))];

    private static List<string> Describe(IEnumerable<EntryField> fields) =>
        [.. fields.Select(f => $"{Encoding.UTF8.GetString(f.Name)}={Encoding.UTF8.GetString(f.Value)}")];
}
