using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Holi.Wire.Tests.Frames;

/// <summary>The forms of protocol/vectors: numbers from 2⁵³ on are strings, bytes are hex.</summary>
internal static class Json
{
    public static JsonNode Number(ulong value) => value < 1UL << 53 ? value : value.ToString(CultureInfo.InvariantCulture);

    public static JsonNode Number(long value) => value < 0 ? value : Number((ulong)value);

    public static JsonNode Number(TimeSpan value) => Number((long)value.TotalMilliseconds);

    public static JsonNode Hex(in ReadOnlySequence<byte> bytes) => Convert.ToHexStringLower(bytes.ToArray());

    public static JsonNode Text(in ReadOnlySequence<byte> text) => Encoding.UTF8.GetString(text);

    public static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> toJson) => [.. items.Select(toJson)];

    public static ulong U64(this JsonObject fields, string name) => ulong.Parse(fields[name]!.ToString(), CultureInfo.InvariantCulture);

    public static long I64(this JsonObject fields, string name) => long.Parse(fields[name]!.ToString(), CultureInfo.InvariantCulture);

    public static uint U32(this JsonObject fields, string name) => checked((uint)fields.U64(name));

    public static ushort U16(this JsonObject fields, string name) => checked((ushort)fields.U64(name));

    public static byte U8(this JsonObject fields, string name) => checked((byte)fields.U64(name));

    public static HoliCode Code(this JsonObject fields, string name = "code") => (HoliCode)fields.U16(name);

    public static TimeSpan Milliseconds(this JsonObject fields, string name) => TimeSpan.FromMilliseconds(fields.U64(name));

    public static bool Flag(this JsonObject fields, string name) => (bool)fields[name]!;

    public static string? Text(this JsonObject fields, string name) => (string?)fields[name];

    public static ReadOnlySequence<byte> Utf8(this JsonObject fields, string name) => new(Encoding.UTF8.GetBytes(fields.Text(name)!));

    public static ReadOnlySequence<byte> Bytes(this JsonObject fields, string name) => new(Convert.FromHexString(fields.Text(name)!));

    public static T[] List<T>(this JsonObject fields, string name, Func<JsonObject, T> read) =>
        [.. fields[name]!.AsArray().Select(item => read(item!.AsObject()))];
}
