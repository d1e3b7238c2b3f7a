using CsCheck;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>
/// Every payload type once, with a generator and a reader that forgets the type, so that a check can be made for all of them.
/// </summary>
internal sealed record PayloadType(string Name, Gen<byte[]> Valid, Func<byte[], byte[]?> Reread)
{
    public static readonly IReadOnlyList<PayloadType> All =
    [
        Of(Any.MessagePost),
        Of(Any.Positive.Select(offset => new ReadMark(offset))),
        Of(Gen.Select(Any.Positive, Any.Text(1, 16), Gen.Bool, (offset, emoji, on) => new MessageReact(offset, emoji, on))),
        Of(Gen.Select(Any.Positive, Any.Text(0, 400), (offset, text) => new MessageEdit(offset, text))),
        Of(Any.Positive.Select(offset => new MessageDelete(offset))),
        Of(Any.RecordChange),
        Of(Any.ConversationCreate),
        Of(Gen.Select(Any.Title, Any.User, (title, creator) => new ConversationCreated(title, creator))),
        Of(Gen.Select(Any.User, Any.Role, (user, role) => new MemberAdd(user, role))),
        Of(Gen.Select(Any.Member, Any.User, Any.Role, (member, user, role) => new MemberAdded(member, user, role))),
        Of(Any.User.Select(user => new MemberRemove(user))),
        Of(Gen.Select(Any.Member, Any.User, Any.How, (member, user, how) => new MemberRemoved(member, user, how))),
        Of(Gen.Select(Any.User, Any.Role, (user, role) => new MemberRoleChange(user, role))),
        Of(Gen.Select(Any.Member, Any.Role, (member, role) => new MemberRoleChanged(member, role))),
        Of(Any.Title.Select(title => new ConversationRename(title))),
        Of(Gen.Select(Any.Member, Any.Positive, Gen.UShort, Any.TopicText, Gen.UShort,
            (generation, seq, code, topic, type) => new CommandRejected(generation, seq, (HoliCode)code, topic, type))),
        Of(Gen.Select(Any.TopicText, Any.Title, Any.User, (topic, title, by) => new ConversationJoined(topic, title, by))),
        Of(Gen.Select(Any.TopicText, Any.How, (topic, how) => new ConversationLeft(topic, how))),
        Of(Any.Notification),
        Of(Any.Id.Select(id => new NotificationAccept(id))),
        Of(Gen.Select(Any.Id, Any.User, Any.Time, (id, user, time) => new NotificationAccepted(id, user, time))),
        Of(Any.TranscriptSegment),
        Of(Gen.Select(Any.Id, Any.Positive, Any.Text(0, 400), (recording, revision, text) => new NoteDraft(recording, revision, text))),
        Of(Gen.Bool.Select(on => new TypingSignal(on))),
        Of(Gen.Select(Gen.Bool, Any.Time, (online, seen) => new PresenceSignal(online, seen))),
    ];

    public static PayloadType Named(string name) => All.Single(type => type.Name == name);

    /// <summary>For a theory over all types.</summary>
    public static TheoryData<string> Names => [.. All.Select(type => type.Name)];

    private static PayloadType Of<T>(Gen<T> any)
        where T : IPayload<T> => new(
            typeof(T).Name,
            any.Select(value => value.ToBytes()),
            bytes => T.TryRead(Pack.Sequence(bytes), out var value) ? value.ToBytes() : null);
}
