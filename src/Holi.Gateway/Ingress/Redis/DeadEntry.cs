using System.Globalization;
using System.Text;
using Holi.Wire;

namespace Holi.Gateway.Ingress.Redis;

/// <summary>What is put aside of an entry that cannot be published (backends.md §8.3). Pure.</summary>
internal static class DeadEntry
{
    public static IEnumerable<EntryField> Of(Entry entry, HoliCode code, string reason, RoadLimits limits)
    {
        yield return Field("entry", entry.Id);
        yield return Field("code", ((int)code).ToString(CultureInfo.InvariantCulture));
        yield return Field("reason", reason);
        if (entry.Fields.Sum(field => (long)field.Name.Length + field.Value.Length) > limits.DeadEntryBytes)
        {
            yield return new EntryField("fields"u8.ToArray(), Names(entry, limits.DeadNamesBytes));
            yield break;
        }
        foreach (var field in entry.Fields)
            yield return field;
    }

    private static byte[] Names(Entry entry, int bytesMax)
    {
        using var names = new MemoryStream();
        foreach (var field in entry.Fields)
        {
            if (names.Length + field.Name.Length + 1 > bytesMax)
                break;
            if (names.Length > 0)
                names.WriteByte((byte)' ');
            names.Write(field.Name);
        }
        return names.ToArray();
    }

    private static EntryField Field(string name, string value) => new(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
