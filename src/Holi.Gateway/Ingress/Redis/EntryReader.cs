using System.Globalization;
using System.Text;
using Holi.Wire;
using Holi.Wire.Payloads;

namespace Holi.Gateway.Ingress.Redis;

/// <summary>Makes a publication of the fields of an entry (backends.md §8.1), or says why they are none. Pure.</summary>
internal static class EntryReader
{
    public static PublicationReading Read(IReadOnlyList<EntryField> entry, int bytesMax)
    {
        if (entry.Sum(field => (long)field.Name.Length + field.Value.Length) > bytesMax)
            return new PublicationRefusal(HoliCode.RefusedTooLarge, $"The entry has more than {bytesMax} bytes.");
        var fields = new PublicationFields();
        for (var i = 0; i < entry.Count; i++)
        {
            for (var earlier = 0; earlier < i; earlier++)
            {
                if (entry[i].Name.AsSpan().SequenceEqual(entry[earlier].Name))
                    return PublicationReading.Malformed("A field is named twice.");
            }
            var refusal = Take(ref fields, entry[i]);
            if (refusal is not null)
                return PublicationReading.Malformed(refusal);
        }
        return PublicationReader.Read(fields);
    }

    // What is wrong with the field, or null.
    private static string? Take(ref PublicationFields fields, in EntryField field)
    {
        var name = field.Name.Length <= NameBytesMax ? Encoding.Latin1.GetString(field.Name) : "";
        // Absent: all that a road of text can write for it.
        var isAbsent = field.Value.Length == 0;
        if (!Names.Contains(name))
            return $"A field is not one of {string.Join(", ", Names)}.";
        if (isAbsent)
            return null;
        switch (name)
        {
            case "content":
                fields = fields with { Content = field.Value };
                return null;
            case "payload":
                fields = fields with { Payload = field.Value };
                return null;
            case "tenant" or "key" or "target" or "kind":
                if (!Utf8Text.IsValid(field.Value))
                    return $"{name}: it is not UTF-8 without U+0000.";
                fields = TakeText(fields, name, Encoding.UTF8.GetString(field.Value));
                return null;
            default:
                if (!long.TryParse(field.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    return $"{name}: it is not a whole number.";
                fields = TakeNumber(fields, name, number);
                return null;
        }
    }

    private static readonly string[] Names =
        ["v", "tenant", "key", "target", "kind", "content", "payload", "deliverAt", "expires", "priority"];

    private static readonly int NameBytesMax = Names.Max(name => name.Length);

    private static PublicationFields TakeText(PublicationFields fields, string name, string text) => name switch
    {
        "tenant" => fields with { Tenant = text },
        "key" => fields with { Key = text },
        "target" => fields with { Target = text },
        _ => fields with { Kind = text },
    };

    private static PublicationFields TakeNumber(PublicationFields fields, string name, long number) => name switch
    {
        "v" => fields with { Version = number },
        "deliverAt" => fields with { DeliverAtMs = number },
        "expires" => fields with { ExpiresMs = number },
        _ => fields with { Priority = number },
    };
}
