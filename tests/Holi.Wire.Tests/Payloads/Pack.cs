using System.Buffers;
using Holi.Wire.Payloads;

namespace Holi.Wire.Tests.Payloads;

/// <summary>Makes payloads from plain values, right or wrong ones alike.</summary>
internal static class Pack
{
    /// <summary>A payload with these fields: null, bool, integers, double, string, byte[], object?[] and dictionaries of them.</summary>
    public static byte[] Of(params object?[] fields)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(output);
        Write(ref writer, fields);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Bytes from hexadecimal digits; spaces are for the eye.</summary>
    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static ReadOnlySequence<byte> Sequence(byte[] bytes) => new(bytes);

    /// <summary>The same bytes, a new segment after every <paramref name="every"/> bytes.</summary>
    public static ReadOnlySequence<byte> Split(byte[] bytes, int every)
    {
        var first = new Segment(ReadOnlyMemory<byte>.Empty, 0);
        var last = first;
        for (var at = 0; at < bytes.Length; at += every)
            last = last.Append(bytes.AsMemory(at, Math.Min(every, bytes.Length - at)));
        return new(first, 0, last, last.Memory.Length);
    }

    private static void Write(ref PayloadWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.Nil(); break;
            case bool flag: writer.Boolean(flag); break;
            case int number: writer.Whole(number); break;
            case ushort number: writer.Whole(number); break;
            case uint number: writer.Whole(number); break;
            case long number: writer.Whole(number); break;
            case ulong number: writer.Number(number); break;
            case double number: writer.Real(number); break;
            case string text: writer.Text(text); break;
            case byte[] bytes: writer.Binary(bytes); break;
            case object?[] values:
                writer.BeginArray(values.Length);
                foreach (var each in values)
                    Write(ref writer, each);
                break;
            case Dictionary<string, object?> map:
                writer.BeginMap(map.Count);
                foreach (var (name, each) in map)
                {
                    writer.Text(name);
                    Write(ref writer, each);
                }
                break;
            default: throw new ArgumentException($"no MessagePack for {value.GetType()}", nameof(value));
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex) => (Memory, RunningIndex) = (memory, runningIndex);

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
