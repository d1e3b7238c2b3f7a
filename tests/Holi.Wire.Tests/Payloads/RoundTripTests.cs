using CsCheck;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>What is written is read again as the same, however the bytes are cut, and what a newer version added is ignored.</summary>
public sealed class RoundTripTests
{
    public static TheoryData<string> Types => PayloadType.Names;

    [Theory]
    [MemberData(nameof(Types))]
    public void What_is_written_is_read_again(string name)
    {
        var type = PayloadType.Named(name);
        type.Valid.Sample(bytes => type.Reread(bytes).ShouldBe(bytes), iter: 300);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Fields_that_a_newer_version_added_are_ignored(string name)
    {
        var type = PayloadType.Named(name);
        byte[] added = [.. Pack.Of("new", new object?[] { 1, "two" }, 3.5).AsSpan(1)];
        type.Valid.Sample(
            bytes =>
            {
                // Absent fields at the end are not written, so they are filled up first.
                var written = bytes[0] - 0x90;
                var known = name switch { nameof(MessagePost) => 4, nameof(Notification) => 6, nameof(ConversationRename) => 1, _ => written };
                var nils = Enumerable.Repeat((byte)0xC0, known - written);
                byte[] newer = [(byte)(0x90 + known + 3), .. bytes.AsSpan(1), .. nils, .. added];
                type.Reread(newer).ShouldBe(bytes);
            },
            iter: 100);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void However_the_bytes_are_cut_the_rules_say_the_same(string name) =>
        Gen.Select(PayloadType.Named(name).Valid, Gen.Int[1, 40]).Sample(
            (bytes, every) => PayloadRules.Check(Pack.Split(bytes, every)).ShouldBeTrue(), iter: 100);

    [Fact]
    public void A_message_keeps_every_field() => Gen.Select(Any.MessagePost, Gen.Int[1, 40]).Sample(
        (message, every) =>
        {
            MessagePost.TryRead(Pack.Split(message.ToBytes(), every), out var read).ShouldBeTrue();
            (read with { Attachments = null }).ShouldBe(message with { Attachments = null });
            (read.Attachments ?? []).ShouldBe(message.Attachments ?? []);
        },
        iter: 500);

    [Fact]
    public void A_new_conversation_keeps_its_members_in_order() => Any.ConversationCreate.Sample(
        create =>
        {
            ConversationCreate.TryRead(Pack.Sequence(create.ToBytes()), out var read).ShouldBeTrue();
            read.Title.ShouldBe(create.Title);
            read.Members.ShouldBe(create.Members);
        },
        iter: 300);

    [Fact]
    public void A_record_keeps_its_fields_and_their_values() => Gen.Select(Any.RecordChange, Gen.Int[1, 40]).Sample(
        (change, every) =>
        {
            RecordChange.TryRead(Pack.Split(change.ToBytes(), every), out var read).ShouldBeTrue();
            (read.Record, read.Id, read.Version).ShouldBe((change.Record, change.Id, change.Version));
            read.Fields.ShouldBe(change.Fields);
        },
        iter: 300);

    [Fact]
    public void A_notification_keeps_every_field() => Any.Notification.Sample(
        notification =>
        {
            Notification.TryRead(Pack.Sequence(notification.ToBytes()), out var read).ShouldBeTrue();
            read.ShouldBe(notification);
        },
        iter: 300);

    [Fact]
    public void A_transcript_segment_keeps_every_field() => Any.TranscriptSegment.Sample(
        segment =>
        {
            TranscriptSegment.TryRead(Pack.Sequence(segment.ToBytes()), out var read).ShouldBeTrue();
            read.ShouldBe(segment);
        },
        iter: 300);

    [Fact]
    public void A_plain_message_costs_its_text_and_two_or_three_bytes()
    {
        new MessagePost("").ToBytes().ShouldBe([0x91, 0xA0]);
        new MessagePost(new string('a', 31)).ToBytes().Length.ShouldBe(31 + 2);
        new MessagePost(new string('a', 128)).ToBytes().Length.ShouldBe(128 + 3);
    }

    [Fact]
    public void A_byte_order_mark_is_part_of_the_text()
    {
        MessagePost.TryRead(Pack.Sequence(new MessagePost("\uFEFFhello").ToBytes()), out var read).ShouldBeTrue();
        read.Text.Length.ShouldBe(6);
    }

    [Fact]
    public void Nil_is_absent()
    {
        MessagePost.TryRead(Pack.Sequence(Pack.Of("hi", null, null, null)), out var message).ShouldBeTrue();
        message.ShouldBe(new MessagePost("hi"));
        ConversationRename.TryRead(Pack.Sequence(Pack.Of([null])), out var rename).ShouldBeTrue();
        rename.ShouldBe(new ConversationRename(null));
        MessagePost.TryRead(Pack.Sequence(Pack.Of([null])), out _).ShouldBeFalse();
    }

    [Fact]
    public void Nothing_is_an_empty_array()
    {
        ConversationRename.TryRead(default, out var rename).ShouldBeTrue();
        rename.ShouldBe(new ConversationRename(null));
        new ConversationRename(null).ToBytes().ShouldBe([0x90]);
        MessagePost.TryRead(default, out _).ShouldBeFalse();
        ReadMark.TryRead(default, out _).ShouldBeFalse();
    }
}
