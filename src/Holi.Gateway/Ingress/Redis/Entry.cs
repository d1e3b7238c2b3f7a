using System.Globalization;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Ingress.Redis;

/// <summary>An entry of the stream that backends add to.</summary>
/// <param name="Id">Redis's.</param>
/// <param name="Fields">As they came; nothing of them is checked.</param>
internal sealed record Entry(string Id, IReadOnlyList<EntryField> Fields)
{
    /// <summary>Bytes of all its fields.</summary>
    public long Bytes => Fields.Sum(one => (long)one.Name.Length + one.Value.Length);
}

/// <summary>One of its fields.</summary>
internal readonly record struct EntryField(byte[] Name, byte[] Value);

/// <summary>An entry's id: when Redis took it, and its place among those of one millisecond.</summary>
internal readonly record struct EntryId(ulong TimeMs, ulong Place) : IComparable<EntryId>
{
    /// <summary>Reads Redis's own form, <c>time-place</c>; what is none counts as before all others.</summary>
    public static EntryId Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && ulong.TryParse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var timeMs)
            && ulong.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? new EntryId(timeMs, place)
            : default;
    }

    /// <summary>When Redis took it by its own clock; an id that somebody made up may say anything.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Min(TimeMs, (ulong)PayloadLimits.TimeMsMax));

    public int CompareTo(EntryId other) => TimeMs == other.TimeMs ? Place.CompareTo(other.Place) : TimeMs.CompareTo(other.TimeMs);
}
