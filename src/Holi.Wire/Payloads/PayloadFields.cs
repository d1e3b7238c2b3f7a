namespace Holi.Wire.Payloads;

/// <summary>Fields that several payloads share (holi.v1.md §8 and §8.8).</summary>
internal static class PayloadFields
{
    public static string User(this ref PayloadReader reader)
    {
        var user = reader.Text(WireLimits.IdCharsMax);
        reader.Require(TopicName.IsUser(user));
        return user;
    }

    /// <summary>An id of a notification, recording or record: 1–64 of <c>[A-Za-z0-9_-]</c>.</summary>
    public static string Id(this ref PayloadReader reader)
    {
        var id = reader.Text(PayloadLimits.IdBytesMax);
        reader.Require(TopicName.IsId(id));
        return id;
    }

    /// <summary>
    /// Text where a topic's name belongs. A refused command may have named what is no topic, so its form is not checked.
    /// </summary>
    public static string Topic(this ref PayloadReader reader) => reader.Text(WireLimits.TopicNameBytesMax);

    public static MemberRole Role(this ref PayloadReader reader) =>
        (MemberRole)reader.Whole((long)MemberRole.Observer, (long)MemberRole.Owner);

    public static LeftHow How(this ref PayloadReader reader) => (LeftHow)reader.Whole((long)LeftHow.Removed, (long)LeftHow.Left);

    /// <summary>A code, known to this version or not.</summary>
    public static HoliCode Code(this ref PayloadReader reader) => (HoliCode)reader.Whole(0, ushort.MaxValue);
}
