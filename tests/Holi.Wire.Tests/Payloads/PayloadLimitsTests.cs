using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>The limits of holi.v1.md §8.8, each with a payload at it and one beyond, and fields of the wrong kind.</summary>
public sealed class PayloadLimitsTests
{
    private static string Bytes(int count) => new('x', count);

    private static object?[] Many(int count, object? each) => [.. Enumerable.Repeat(each, count)];

    private static void Takes<T>(params object?[] fields)
        where T : IPayload<T> => T.TryRead(Pack.Sequence(Pack.Of(fields)), out _).ShouldBeTrue();

    private static void Refuses<T>(params object?[] fields)
        where T : IPayload<T> => T.TryRead(Pack.Sequence(Pack.Of(fields)), out _).ShouldBeFalse();

    [Fact]
    public void Message_post()
    {
        Takes<MessagePost>(Bytes(WireLimits.TextBytesMax));
        Refuses<MessagePost>(Bytes(WireLimits.TextBytesMax + 1));
        Refuses<MessagePost>(string.Concat(Many(WireLimits.TextBytesMax / 2, "é")) + "x");
        Refuses<MessagePost>(17);
        Refuses<MessagePost>(new byte[] { 0x61 });
        Refuses<MessagePost>("a", 0);
        Refuses<MessagePost>("a", -1);
        Refuses<MessagePost>("a", "1");
        Refuses<MessagePost>("a", 1.0);
        Refuses<MessagePost>("a", 1UL << 63);
        Refuses<MessagePost>("a", ulong.MaxValue);
        Takes<MessagePost>("a", long.MaxValue);
        Takes<MessagePost>("a", null, null, PayloadLimits.TimeMsMax);
        Refuses<MessagePost>("a", null, null, PayloadLimits.TimeMsMax + 1);
        Refuses<MessagePost>("a", null, null, -1);
        Refuses<MessagePost>("a", null, null, true);
    }

    [Fact]
    public void Attachments()
    {
        object?[] good = ["id", "image/png", 12];
        Takes<MessagePost>("a", null, Many(PayloadLimits.AttachmentsMax, good));
        Refuses<MessagePost>("a", null, Many(PayloadLimits.AttachmentsMax + 1, good));
        Refuses<MessagePost>("a", null, "none");
        Refuses<MessagePost>("a", null, new object?[] { null });
        Refuses<MessagePost>("a", null, new object?[] { "id" });
        void One(bool taken, params object?[] attachment)
        {
            var payload = Pack.Sequence(Pack.Of("a", null, new object?[] { attachment }));
            MessagePost.TryRead(payload, out _).ShouldBe(taken);
            MessagePost.Check(payload).ShouldBe(taken);
        }

        One(true, "id", "t/t", 0, "name", "newer");
        One(true, Bytes(PayloadLimits.AttachmentIdBytesMax), Bytes(PayloadLimits.MediaTypeBytesMax), long.MaxValue);
        One(true, "id", "t/t", 1, Bytes(PayloadLimits.FileNameBytesMax));
        One(false, Bytes(PayloadLimits.AttachmentIdBytesMax + 1), "t/t", 1);
        One(false, "id", Bytes(PayloadLimits.MediaTypeBytesMax + 1), 1);
        One(false, "id", "t/t", 1, Bytes(PayloadLimits.FileNameBytesMax + 1));
        One(false, "", "t/t", 1);
        One(false, "id", "", 1);
        One(false, "id", "t/t", -1);
        One(false, "id", "t/t");
        One(false);
    }

    [Fact]
    public void Offsets_begin_at_one()
    {
        Refuses<ReadMark>(0);
        Takes<ReadMark>(1);
        Refuses<MessageDelete>(0);
        Refuses<MessageEdit>(0, "a");
        Refuses<MessageReact>(0, "a", true);
        Refuses<ReadMark>();
        Refuses<ReadMark>(true);
    }

    [Fact]
    public void Reactions()
    {
        Takes<MessageReact>(1, Bytes(WireLimits.EmojiBytesMax), false);
        Refuses<MessageReact>(1, Bytes(WireLimits.EmojiBytesMax + 1), true);
        Refuses<MessageReact>(1, "", true);
        Refuses<MessageReact>(1, "a", 1);
        Refuses<MessageReact>(1, "a");
    }

    [Fact]
    public void Edits()
    {
        Takes<MessageEdit>(1, Bytes(WireLimits.TextBytesMax));
        Refuses<MessageEdit>(1, Bytes(WireLimits.TextBytesMax + 1));
        Refuses<MessageEdit>(1);
    }

    [Fact]
    public void Conversations()
    {
        Takes<ConversationCreate>();
        Takes<ConversationCreate>(Bytes(WireLimits.TitleBytesMax));
        Refuses<ConversationCreate>(Bytes(WireLimits.TitleBytesMax + 1));
        Takes<ConversationCreate>(null, Many(WireLimits.MembersMax, new object?[] { "ana", 1 }));
        Refuses<ConversationCreate>(null, Many(WireLimits.MembersMax + 1, new object?[] { "ana", 1 }));
        Refuses<ConversationCreate>(null, new object?[] { "ana" });
        Refuses<ConversationCreate>(null, new object?[] { new object?[] { "ana" } });
        Refuses<ConversationCreate>(null, new object?[] { new object?[] { "a b", 1 } });
        Refuses<ConversationCreate>(null, new object?[] { new object?[] { "ana", 4 } });
        Takes<ConversationCreate>(null, new object?[] { new object?[] { "ana", 0, "newer" } });
        Takes<ConversationRename>(Bytes(WireLimits.TitleBytesMax));
        Refuses<ConversationRename>(Bytes(WireLimits.TitleBytesMax + 1));
        Refuses<ConversationRename>(5);
        Refuses<ConversationCreated>(null, null);
    }

    [Fact]
    public void Members()
    {
        Takes<MemberAdd>("ana", 3);
        Refuses<MemberAdd>("ana", 4);
        Refuses<MemberAdd>("ana", -1);
        Refuses<MemberAdd>("ana");
        Refuses<MemberAdd>("", 1);
        Takes<MemberAdd>(Bytes(64), 1);
        Refuses<MemberAdd>(Bytes(65), 1);
        Refuses<MemberAdd>("ana/bo", 1);
        Refuses<MemberRemove>("ána");
        Refuses<MemberRoleChange>("ana", "1");
        Takes<MemberAdded>(uint.MaxValue, "ana", 1);
        Refuses<MemberAdded>(0, "ana", 1);
        Refuses<MemberAdded>(1L << 32, "ana", 1);
        Refuses<MemberRemoved>(1, "ana", 2);
        Refuses<MemberRoleChanged>(1, 4);
    }

    [Fact]
    public void What_stands_in_ones_own_topic()
    {
        Takes<CommandRejected>(1, 1, 4999, "conversation/x", ushort.MaxValue);
        Takes<CommandRejected>(1, 1, 4604, "not a topic", 0);
        Refuses<CommandRejected>(1, 1, 65_536, "conversation/x", 0);
        Refuses<CommandRejected>(1, 1, 4604, "conversation/x", 65_536);
        Refuses<CommandRejected>(1, 0, 4604, "conversation/x", 0);
        Refuses<CommandRejected>(1, 1, 4604, Bytes(WireLimits.TopicNameBytesMax + 1), 0);
        Refuses<ConversationJoined>("conversation/x", "title");
        Refuses<ConversationLeft>("conversation/x", 2);
    }

    [Fact]
    public void Records()
    {
        var one = new Dictionary<string, object?> { ["a"] = 1 };
        Takes<RecordChange>("medication", "7", 0, one);
        Takes<RecordChange>("medication", "7", 0, new Dictionary<string, object?> { [Bytes(PayloadLimits.IdBytesMax)] = null });
        Refuses<RecordChange>("medication", "7", 0, new Dictionary<string, object?> { [Bytes(PayloadLimits.IdBytesMax + 1)] = null });
        Refuses<RecordChange>("medication", "7", 0, new Dictionary<string, object?> { [""] = 1 });
        Refuses<RecordChange>("medication", "7", 0, new Dictionary<string, object?>());
        Refuses<RecordChange>("medication", "7", 0, new object?[] { "a", 1 });
        Refuses<RecordChange>("medication", "7", 0);
        Refuses<RecordChange>("medication", "7", -1, one);
        Refuses<RecordChange>("medi cation", "7", 0, one);
        Refuses<RecordChange>("medication", "", 0, one);
        RecordChange.TryRead(Pack.Sequence(Pack.Hex("94 a1 72 a1 69 00 81 01 c0")), out _).ShouldBeFalse("fields have names");
    }

    [Fact]
    public void Notifications_transcripts_and_notes()
    {
        Takes<Notification>("n", PayloadLimits.PriorityMax, "t");
        Refuses<Notification>("n", PayloadLimits.PriorityMax + 1, "t");
        Takes<Notification>("n", 0, "", Bytes(PayloadLimits.NotificationBodyBytesMax), Bytes(PayloadLimits.ReferenceBytesMax), 0);
        Refuses<Notification>("n", 0, "", Bytes(PayloadLimits.NotificationBodyBytesMax + 1));
        Refuses<Notification>("n", 0, "", null, Bytes(PayloadLimits.ReferenceBytesMax + 1));
        Refuses<Notification>("n", 0, Bytes(WireLimits.TitleBytesMax + 1));
        Refuses<NotificationAccept>("n n");
        Refuses<NotificationAccepted>("n", "ana");
        Takes<TranscriptSegment>("r", 1, null, 5, 5, "", true);
        Refuses<TranscriptSegment>("r", 1, null, 5, 4, "", true);
        Refuses<TranscriptSegment>("r", 1, Bytes(PayloadLimits.SpeakerBytesMax + 1), 5, 5, "", true);
        Refuses<TranscriptSegment>("r", 1, null, 5, 5, "", null);
        Refuses<NoteDraft>("r", 0, "");
        Refuses<NoteDraft>("r", 1, Bytes(WireLimits.TextBytesMax + 1));
    }

    [Fact]
    public void Signals()
    {
        Refuses<TypingSignal>();
        Refuses<TypingSignal>(0);
        Refuses<PresenceSignal>(true);
        Refuses<PresenceSignal>(true, PayloadLimits.TimeMsMax + 1);
        Takes<PresenceSignal>(false, 0);
    }
}
