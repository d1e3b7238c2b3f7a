using System.Text.Json.Nodes;
using CsCheck;

namespace Holi.Wire.Tests.Payloads;

/// <summary>Generators of any MessagePack value, with the sizes at which its forms change more often than chance would have them.</summary>
internal static class AnyTagged
{
    private static readonly long[] Edges =
    [
        .. new[] { 5, 7, 8, 15, 16, 31, 32, 53, 63 }.SelectMany(bit =>
        {
            // 2^63 itself wraps round to the smallest number, and the one before it to the largest.
            var power = unchecked((long)(1UL << bit));
            return new[] { power - 2, power - 1, power, power + 1, -power, -power - 1, -power + 1 };
        }),
        0, 1, -1,
    ];

    private static readonly int[] Sizes = [0, 1, 15, 16, 31, 32, 200, 255, 256, 257];

    private static readonly Gen<JsonNode> Leaf = Gen.Frequency(
        (1, Gen.Bool.Select(_ => (JsonNode)TaggedValue.Nil())),
        (1, Gen.Bool.Select(value => (JsonNode)TaggedValue.Bool(value))),
        (4, Gen.OneOf(Gen.OneOf(Edges), Gen.Long, Gen.Long[-70_000, 70_000]).Select(value => (JsonNode)TaggedValue.Int(value))),
        (2, Any.Fraction.Select(value => (JsonNode)TaggedValue.Float(value))),
        (4, Gen.OneOf(Any.Text(0, 40), SizedText).Select(value => (JsonNode)TaggedValue.Text(value))),
        (2, Gen.OneOf(Gen.Int[0, 40], Gen.OneOf(Sizes)).SelectMany(size => Gen.Byte.Array[size])
            .Select(value => (JsonNode)TaggedValue.Bytes(value))));

    private static Gen<string> SizedText => Gen.Select(Gen.OneOf(Sizes), Gen.Char['a', 'z'], (size, letter) => new string(letter, size));

    /// <summary>A whole payload. Keys of maps are text, and some are digits.</summary>
    public static readonly Gen<JsonNode> Payload = Values(Value(3));

    /// <summary>Payloads with the longest forms of all: text, bytes and arrays over 65,535, which random sizes do not reach.</summary>
    public static IEnumerable<JsonNode> Long()
    {
        foreach (var size in new[] { 65_535, 65_536 })
        {
            yield return TaggedValue.List([TaggedValue.Text(new string('z', size))]);
            yield return TaggedValue.List([TaggedValue.Text(string.Concat(Enumerable.Repeat("é😀", size / 6)))]);
            yield return TaggedValue.List([TaggedValue.Bytes(new byte[size])]);
            yield return TaggedValue.List(Enumerable.Range(0, size).Select(_ => TaggedValue.Nil()));
        }
        foreach (var size in new[] { 15, 16, 255, 256, 1_024 })
        {
            var pairs = Enumerable.Range(0, size).Select(i => ((JsonNode)TaggedValue.Text($"key{i}"), (JsonNode)TaggedValue.Int(i)));
            yield return TaggedValue.List([TaggedValue.Map(pairs)]);
        }
    }

    private static Gen<JsonNode> Value(int depth) => depth == 0 ? Leaf : Gen.Frequency(
        (12, Leaf),
        (1, Values(Value(depth - 1))),
        (1, Gen.Dictionary(Key, Value(depth - 1))[0, 18].Select(map =>
            (JsonNode)TaggedValue.Map(map.Select(pair => ((JsonNode)TaggedValue.Text(pair.Key), pair.Value))))));

    private static Gen<JsonNode> Values(Gen<JsonNode> value) => value.Array[0, 18].Select(values => (JsonNode)TaggedValue.List(values));

    // The package refuses this one name, which would change the object itself.
    private static Gen<string> Key => Gen.OneOf(Any.Text(0, 40), Gen.Int[0, 300].Select(i => $"{i}")).Where(key => key != "__proto__");
}
