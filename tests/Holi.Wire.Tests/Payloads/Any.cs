using CsCheck;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>
/// Generators: any valid payload of each type, with values around the boundaries of every size more often than chance would have.
/// </summary>
internal static class Any
{
    // One below, at and above each size that MessagePack's integers have, up to the largest the protocol knows.
    private static readonly ulong[] Edges = 
        [0, 1, 127, 128, 255, 256, 65_535, 65_536, (1UL << 32) - 1, 1UL << 32, (1UL << 53) + 1, long.MaxValue];

    private static readonly Gen<string> Character = Gen.Frequency(
        (6, Gen.Int[0x20, 0x7E]),
        (2, Gen.Int[1, 0x7FF]),
        (2, Gen.Int[0x800, 0xD7FF]),
        (1, Gen.Int[0xE000, 0xFEFE]),
        (2, Gen.Int[0x1_0000, 0x10_FFFF])).Select(char.ConvertFromUtf32);

    private static readonly Gen<char> IdChar = Gen.Char["ABCXYZabcxyz0189_-"];
    private static readonly Gen<char> UserChar = Gen.Char["ABCXYZabcxyz0189_-.@"];

    public static readonly Gen<string> Id = Gen.String[IdChar, 1, 64];
    public static readonly Gen<string> User = Gen.String[UserChar, 1, 64];
    public static readonly Gen<ulong> Number = Gen.OneOf(Gen.OneOf(Edges), Gen.ULong[0, long.MaxValue]);
    public static readonly Gen<ulong> Positive = Number.Select(n => Math.Max(n, 1));
    public static readonly Gen<uint> Member = Gen.UInt[1, uint.MaxValue];
    public static readonly Gen<long> Time = Gen.Long[0, PayloadLimits.TimeMsMax];
    public static readonly Gen<MemberRole> Role = Gen.Enum<MemberRole>();
    public static readonly Gen<LeftHow> How = Gen.Enum<LeftHow>();
    public static readonly Gen<string> TopicText = Gen.OneOf(
        Id.Select(TopicName.Conversation), User.Select(TopicName.User), User.Select(TopicName.Alert), Id.Select(TopicName.Patient));

    /// <summary>Text of so many characters, one to four bytes each.</summary>
    public static Gen<string> Text(int least, int most) => Character.Array[least, most].Select(string.Concat);

    public static readonly Gen<string?> Title = Maybe(Text(0, 64));

    public static readonly Gen<Attachment> Attachment = Gen.Select(
        Text(1, 32), Text(1, 60), Number, Maybe(Text(0, 60)), (id, type, bytes, name) => new Attachment(id, type, bytes, name));

    public static readonly Gen<MessagePost> MessagePost = Gen.Select(
        Text(0, 400),
        Positive.Nullable(),
        Attachment.Array[0, 4].Select(a => a.Length > 0 ? a : null),
        Time.Nullable(),
        (text, replyTo, attachments, composed) => new MessagePost(text, replyTo, attachments, composed));

    public static readonly Gen<ConversationCreate> ConversationCreate = Gen.Select(
        Title,
        Gen.Select(User, Role, (user, role) => new NewMember(user, role)).Array[0, 20],
        (title, members) => new ConversationCreate(title, members));

    /// <summary>Floats that no integer equals: JavaScript cannot tell 1.0 from 1.</summary>
    public static readonly Gen<double> Fraction = Gen.OneOf(
        Gen.Double[-1e9, 1e9].Where(number => number != Math.Floor(number)),
        Gen.OneOf(double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 1e-300, 0.1));

    private static readonly Gen<PayloadValue> Value = Gen.OneOf(
        Text(0, 40).Select(PayloadValue.Of),
        Gen.Long.Select(PayloadValue.Of),
        Fraction.Select(PayloadValue.Of),
        Gen.Bool.Select(PayloadValue.Of),
        Gen.Const(default(PayloadValue)));

    public static readonly Gen<RecordChange> RecordChange = Gen.Select(
        Id,
        Id,
        Number,
        Gen.Dictionary(Text(1, 16), Value)[1, 12].Select(map => map.Select(pair => new RecordField(pair.Key, pair.Value)).ToArray()),
        (record, id, version, fields) => new RecordChange(record, id, version, fields));

    public static readonly Gen<Notification> Notification = Gen.Select(
        Id,
        Gen.Int[0, PayloadLimits.PriorityMax],
        Text(0, 64),
        Maybe(Text(0, 200)),
        Maybe(Text(0, 64)),
        Time.Nullable(),
        (id, priority, title, body, reference, expires) => new Notification(id, priority, title, body, reference, expires));

    public static readonly Gen<TranscriptSegment> TranscriptSegment = Gen.Select(
        Id,
        Positive,
        Maybe(Text(0, 16)),
        Gen.Long[0, 1L << 40],
        Gen.Long[0, 1L << 40],
        Text(0, 200),
        Gen.Bool,
        (recording, segment, speaker, from, length, text, final) =>
            new TranscriptSegment(recording, segment, speaker, from, from + length, text, final));

    private static Gen<string?> Maybe(Gen<string> text) =>
        Gen.Bool.SelectMany(there => there ? text.Select(t => (string?)t) : Gen.Const((string?)null));
}
