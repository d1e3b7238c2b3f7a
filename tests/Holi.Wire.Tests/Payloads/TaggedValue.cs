using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>
/// Any MessagePack value as JSON that names its kind, in the form that tests/js/msgpack-peer.mjs explains. Both sides speak it, so that
/// what one side wrote can be compared with what the other read.
/// </summary>
internal static class TaggedValue
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonArray Nil() => ["nil"];
    public static JsonArray Bool(bool value) => ["bool", value];
    public static JsonArray Int(long value) => ["int", value.ToString(CultureInfo.InvariantCulture)];
    public static JsonArray Text(string value) => ["text", value];
    public static JsonArray Bytes(ReadOnlySpan<byte> value) => ["bytes", Convert.ToHexStringLower(value)];
    public static JsonArray List(IEnumerable<JsonNode> values) => ["array", new JsonArray([.. values])];
    public static JsonArray Map(IEnumerable<(JsonNode Key, JsonNode Value)> pairs) =>
        ["map", new JsonArray([.. pairs.Select(pair => new JsonArray(pair.Key, pair.Value))])];

    public static JsonArray Float(double value) =>
        ["float", double.IsNaN(value) ? "nan" : BitConverter.DoubleToUInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture)];

    /// <summary>Text of the value that is equal where values are equal: the order of a map's pairs does not count.</summary>
    public static string Canonical(JsonNode value)
    {
        var array = value.AsArray();
        return (string?)array[0] switch
        {
            "array" => $"[{string.Join(',', array[1]!.AsArray().Select(each => Canonical(each!)))}]",
            "map" => $"{{{string.Join(',', array[1]!.AsArray().Select(Pair).Order(StringComparer.Ordinal))}}}",
            _ => value.ToJsonString(Plain),
        };

        // The JavaScript side has only text keys: it reads 5 as "5".
        static string Pair(JsonNode? pair) => $"{(string?)pair![0]![1]}={Canonical(pair[1]!)}";
    }

    public static string Json(JsonNode value) => value.ToJsonString(Plain);

    /// <summary>Writes the value with our writer.</summary>
    public static byte[] Write(JsonNode value)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(output);
        Write(ref writer, value.AsArray());
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a payload with our reader; null where it refuses.</summary>
    public static JsonNode? Read(byte[] payload)
    {
        var reader = new PayloadReader(Pack.Sequence(payload));
        var values = new List<JsonNode>();
        while (reader.Next != PayloadKind.End)
            values.Add(Read(ref reader));
        return reader.IsValid ? List(values) : null;
    }

    private static void Write(ref PayloadWriter writer, JsonArray value)
    {
        var content = value.Count > 1 ? value[1] : null;
        switch ((string?)value[0])
        {
            case "nil": writer.Nil(); break;
            case "bool": writer.Boolean((bool)content!); break;
            case "int": writer.Whole(long.Parse((string)content!, CultureInfo.InvariantCulture)); break;
            case "float": writer.Real(FromHex((string)content!)); break;
            case "text": writer.Text((string)content!); break;
            case "bytes": writer.Binary(Convert.FromHexString((string)content!)); break;
            case "array":
                writer.BeginArray(content!.AsArray().Count);
                foreach (var each in content.AsArray())
                    Write(ref writer, each!.AsArray());
                break;
            case "map":
                writer.BeginMap(content!.AsArray().Count);
                foreach (var pair in content.AsArray())
                {
                    Write(ref writer, pair![0]!.AsArray());
                    Write(ref writer, pair[1]!.AsArray());
                }
                break;
            default: throw new ArgumentException("no such kind", nameof(value));
        }
    }

    private static JsonArray Read(ref PayloadReader reader)
    {
        switch (reader.Next)
        {
            case PayloadKind.Nil:
                reader.Raw();
                return Nil();
            case PayloadKind.Boolean: return Bool(reader.Boolean());
            case PayloadKind.Whole: return Int(reader.Whole(long.MinValue, long.MaxValue));
            case PayloadKind.Real: return Float(reader.Real());
            case PayloadKind.Text: return Text(reader.Text(int.MaxValue));
            case PayloadKind.Binary: return Bytes(reader.Binary(int.MaxValue).ToArray());
            case PayloadKind.Array:
                var values = new JsonNode[reader.BeginArray()];
                for (var i = 0; i < values.Length; i++)
                    values[i] = Read(ref reader);
                reader.End();
                return List(values);
            default:
                var pairs = new (JsonNode, JsonNode)[reader.BeginMap()];
                for (var i = 0; i < pairs.Length; i++)
                {
                    var key = Read(ref reader);
                    pairs[i] = (key, Read(ref reader));
                }
                reader.End();
                return Map(pairs);
        }
    }

    private static double FromHex(string hex) =>
        hex == "nan" ? double.NaN : BitConverter.UInt64BitsToDouble(Convert.ToUInt64(hex, 16));
}
